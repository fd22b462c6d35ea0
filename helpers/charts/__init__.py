"""The charts of the pages. Each draws what it is handed: a loss, a metric, their numbers."""
