"""The forge: trains the studio's starter models from scratch on two CPU cores and exports them for the browser."""
