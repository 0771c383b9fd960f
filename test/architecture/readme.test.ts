import { expect, test } from 'vitest'

import { endings, pluginCauses } from '../../core/src/errors/endings.ts'
import { settingsTable } from '../../core/src/settings/settings-table.ts'
import { read } from './repository.ts'

/** The part of the README under a second-level heading. */
function section(heading: string): string {
  const [, after] = read('README.md').split(`\n## ${heading}\n`)
  if (after === undefined) throw new Error(`README.md has no section "## ${heading}"`)
  return after.split('\n## ')[0] ?? ''
}

/** The rows of the tables in a text, cell by cell, without padding and without the line of dashes. */
function rows(text: string): string[][] {
  return text
    .split('\n')
    .filter((line) => line.startsWith('|') && !/^[|\s:-]+$/.test(line))
    .map((line) =>
      line
        .split(/(?<!\\)\|/)
        .slice(1, -1)
        .map((cell) => cell.trim()),
    )
}

test('the README documents every ending, and no other', () => {
  const documented = rows(section('Endings'))
    .map(([first]) => /^`([^`]+)`$/.exec(first ?? '')?.[1])
    .filter((ending) => ending !== undefined)
  const known = [
    ...Object.keys(endings),
    ...Object.keys(pluginCauses).map((cause) => `plugin.NAME.${cause}`),
  ]
  expect(documented.toSorted()).toEqual(known.toSorted())
})

test('the settings in the README are those of the schema', () => {
  expect(rows(section('Settings'))).toEqual(rows(settingsTable()))
})
