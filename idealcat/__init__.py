"""Pure functions for transfer learning on images; the stages and ops are built from them."""
