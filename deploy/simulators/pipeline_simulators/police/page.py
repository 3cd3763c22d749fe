"""The simulator's page: the records of the police system, to look at after a demonstration."""

import json
from collections.abc import Sequence
from datetime import datetime

from jinja2 import Environment

from pipeline_shared.web.rendering import bdi, moment
from pipeline_simulators.police.ledger import Stored

TEMPLATE = """<!doctype html>
<html lang="en-GB">
<head>
<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Police records (simulated): OFFICIAL</title>
<link rel="icon" href="data:,">
<style>
  body { font: 1.1875rem/1.4 arial, sans-serif; margin: 0; color: #0b0c0c; background: #fff }
  .marking { background: #0b0c0c; color: #fff; text-align: center; font: 700 1rem/1.25 arial, sans-serif; margin: 0;
    padding: 5px 0; letter-spacing: .05em }
  header { background: #3d2b56; color: #fff; font-size: 1.5rem; padding: 15px max(15px, calc(50vw - 480px)) }
  main { max-width: 960px; margin: 0 auto; padding: 30px 15px 50px }
  h1 { font-size: 2.25rem; line-height: 1.1; margin: 0 0 25px }
  table { border-collapse: collapse; width: 100% }
  th, td { text-align: left; padding: 10px 20px 10px 0; border-bottom: 1px solid #cecece; vertical-align: top }
  td { overflow-wrap: anywhere }
  tbody th, .priority { white-space: nowrap }
  .priority::first-letter { text-transform: uppercase }
  summary { cursor: pointer; color: #1a65a6; text-decoration: underline }
  summary:focus-visible { outline: 3px solid #0b0c0c; background: #fd0; color: #0b0c0c }
  pre { font-size: .875rem; white-space: pre-wrap; overflow-wrap: anywhere; border-left: 5px solid #cecece;
    padding-left: 15px }
  @media (max-width: 40em) {
    table, tbody, tr, th, td { display: block }
    thead { position: absolute; clip-path: inset(50%); width: 1px; height: 1px; overflow: hidden }
    th, td { border: 0; padding: 3px 0 }
    tr { border-bottom: 1px solid #cecece; padding: 10px 0 }
    td[data-label]::before { content: attr(data-label) ": "; color: #484949 }
    h1 { font-size: 1.75rem }
  }
</style>
</head>
<body>
<p class="marking">OFFICIAL</p>
<header>Police records (simulated)</header>
<main>
<h1>Records from partnership intelligence</h1>
<p>This stands for the police force's own records system; every record in it is made up.</p>
{% if records %}
<p>{{ total }} record{{ "" if total == 1 else "s" }}, the newest first.
{% if total > records | length %}The newest {{ records | length }} are shown.{% endif %}</p>
<table>
  <thead><tr>
    <th scope="col">Reference</th><th scope="col">Received</th><th scope="col">Priority</th><th scope="col">Record</th>
  </tr></thead>
  <tbody>
  {% for record in records %}
  <tr data-record-ref="{{ record.envelope.record_ref }}">
    <th scope="row">{{ record.reference }}</th>
    <td data-label="Received">{{ record.received_at | moment }}</td>
    <td data-label="Priority" class="priority">{{ record.envelope.priority }}</td>
    <td><details><summary>{{ record.summary | bdi }}</summary><pre>{{ record.pretty | bdi }}</pre></details></td>
  </tr>
  {% endfor %}
  </tbody>
</table>
{% else %}
<p>Nothing has been transferred yet.</p>
{% endif %}
</main>
<p class="marking">OFFICIAL</p>
</body>
</html>
"""


def records_page(records: Sequence[Stored], *, total: int) -> str:
    """Return the page of the newest records."""
    environment = Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True)
    environment.filters.update(bdi=bdi, moment=moment)
    return environment.from_string(TEMPLATE).render(records=[_shown(record) for record in records], total=total)


def _shown(stored: Stored) -> dict[str, object]:
    envelope = json.loads(stored.envelope)
    event = envelope["event"]
    return {
        "reference": stored.reference,
        "received_at": datetime.fromisoformat(stored.received_at),
        "envelope": envelope,
        "summary": event["title"] or event["category"].replace("_", " "),
        "pretty": json.dumps(envelope, indent=2, ensure_ascii=False),
    }
