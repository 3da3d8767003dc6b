"""Speed beside a floor measured in the same run. May import the apps; nothing of the product imports this."""
