// Radios are left out: pipeline.css shows what belongs to a choice.
import { Button, ErrorSummary, SkipLink, createAll } from './govuk-frontend-6.3.0.min.js'

for (const component of [Button, ErrorSummary, SkipLink]) {
  createAll(component)
}
