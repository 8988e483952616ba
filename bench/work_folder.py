"""The folder that a measurement works in: the type of the option --dir."""

import argparse
import os


def work_folder(path):
    """Makes the folder if it is missing, and returns its path."""
    try:
        os.makedirs(path, exist_ok=True)
    except OSError as e:
        raise argparse.ArgumentTypeError(f"{path}: {e.strerror}") from e
    return path
