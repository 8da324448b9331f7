"""`python -m services.operate`"""

from .commands import main

if __name__ == "__main__":
    main()
