"""``python -m notecoder``: the same as ``notecoder``."""

from notecoder.cli import main

if __name__ == "__main__":
    main()
