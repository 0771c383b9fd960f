import { expect, test } from 'vitest'
import { describePlugin } from './describe-plugin.ts'
import { guardListing } from './world.fixture.ts'
import { pluginsTable } from './plugins-table.ts'

test('every field of the configuration has a line, nested ones too', () => {
  expect(describePlugin(guardListing, { styled: false }).split('\n')).toEqual([
    'guard 1.2.0',
    'Keeps strangers out.',
    '',
    'priority   900',
    'phases     accept, preread',
    'protocols  tcp, tls',
    'from       @acme/guard',
    '',
    'CONFIG        TYPE                   DEFAULT   MEANING',
    'allow         list of string (cidr)  required  Who may come in.',
    'by            "ip" | "route"         "ip"',
    'limit         object                 -',
    'limit.second  integer (>= 1)         required',
    'hooks         list of object         -',
    'hooks[].url   string                 -',
  ])
})

test('a plugin without configuration says so', () => {
  const plain = { ...guardListing, schema: { type: 'object', properties: {} } as const }
  expect(describePlugin(plain, { styled: false })).toContain('It has nothing to configure.')
})

test('plugins are listed in the order in which they run', () => {
  const early = { ...guardListing, name: 'early', priority: 2000, enabledOn: [] }
  const lines = pluginsTable([guardListing, early], { running: true, styled: true }).split('\n')
  expect(lines[0]).toContain('\u{1b}[1mNAME')
  expect(lines[1]).toMatch(/^early .* -$/)
  expect(lines[2]).toMatch(/^guard .* global, route ssh$/)
})
