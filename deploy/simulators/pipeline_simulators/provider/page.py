"""The page of the provider: choose who you are."""

from collections.abc import Iterable, Mapping

from jinja2 import Environment
from starlette.responses import HTMLResponse

from pipeline_simulators.provider.people import GROUPS, Account

TEMPLATE = """<!doctype html>
<html lang="en-GB">
<head>
<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>{{ "Error: " if error }}Sign in: simulated identity provider, OFFICIAL</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/static/govuk-frontend-6.3.0.min.css">
</head>
<body class="govuk-template__body">
<div class="govuk-width-container">
<main class="govuk-main-wrapper" id="main-content">
<form method="post" action="{{ action }}" novalidate>
{% for name, value in fields %}<input type="hidden" name="{{ name }}" value="{{ value }}">
{% endfor %}
<div class="govuk-form-group{{ " govuk-form-group--error" if error }}">
<fieldset class="govuk-fieldset" aria-describedby="person-hint{{ " person-error" if error }}">
<legend class="govuk-fieldset__legend govuk-fieldset__legend--l">
<h1 class="govuk-fieldset__heading">Sign in as</h1></legend>
<div id="person-hint" class="govuk-hint">
A simulated identity provider. These people are made up and need no password.</div>
{% if error %}
<p id="person-error" class="govuk-error-message"><span class="govuk-visually-hidden">Error:</span> {{ error }}</p>
{% endif %}
<div class="govuk-radios govuk-radios--small">
{% for person in people %}
<div class="govuk-radios__item">
<input class="govuk-radios__input" id="{{ person.subject }}" name="person" type="radio" value="{{ person.subject }}"
 aria-describedby="{{ person.subject }}-hint">
<label class="govuk-label govuk-radios__label" for="{{ person.subject }}">{{ person.name }}</label>
<div id="{{ person.subject }}-hint" class="govuk-hint govuk-radios__hint">{{ person.roles }}</div>
</div>
{% endfor %}
</div>
</fieldset>
</div>
<button class="govuk-button" type="submit">Sign in</button>
</form>
</main>
</div>
</body>
</html>
"""
PAGE = Environment(autoescape=True).from_string(TEMPLATE)


def sign_in_page(
    accounts: Iterable[Account], fields: Mapping[str, str], error: str = "", action: str = "/authorize"
) -> HTMLResponse:
    """Return the page on which a person says who they are; `fields` come back with the answer."""
    people = [
        {
            "subject": account.subject,
            "name": account.name,
            "roles": ", ".join(GROUPS[group].value for group in account.groups).capitalize() or "No role",
        }
        for account in accounts
        if account.enabled
    ]
    kept = [(name, value) for name, value in fields.items() if name != "person"]
    return HTMLResponse(
        PAGE.render(people=people, fields=kept, error=error, action=action), status_code=422 if error else 200
    )
