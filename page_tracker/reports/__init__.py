"""Reports of a week or a month, as text, Markdown and HTML for mail programs."""
