"""Form rendering of the panel."""

from django.forms.renderers import TemplatesSetting


class PanelFormRenderer(TemplatesSetting):
    """Forms render with the project's own templates."""
