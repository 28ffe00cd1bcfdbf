"""Facebook Pages: the Page, its posts and photos."""
