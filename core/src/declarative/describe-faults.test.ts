import { expect, test } from 'vitest'
import { describeFaults } from './describe-faults.ts'

test('one line for each fault, with where it is', () => {
  const faults = {
    _format_version: 'required field missing',
    services: [null, { port: 'expected an integer', routes: [{ '@entity': ['no match'] }] }],
  }
  expect(describeFaults(faults).split('\n')).toEqual([
    "in '_format_version': required field missing",
    "in 'services':",
    "  - in entry 2 of 'services':",
    "    in 'port': expected an integer",
    "    in 'routes':",
    "      - in entry 1 of 'routes':",
    "        in '@entity':",
    "          - in entry 1 of '@entity': no match",
  ])
})
