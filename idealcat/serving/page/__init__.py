"""The page to try a classifier on; ask_server.js or ask_browser.js becomes its ask.js."""
