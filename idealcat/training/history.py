"""What is kept of a training, a row an epoch."""

# Kept per epoch; log_loss is the plain cross-entropy in nats, without label smoothing and weight decay.
COLUMNS = {
    "loss": "log_loss",
    "accuracy": "accuracy",
    "validation_loss": "val_log_loss",
    "validation_accuracy": "val_accuracy",
    "learning_rate": "learning_rate",
}
HISTORY_COLUMNS = ["epoch", *COLUMNS]
