import { expect, test } from 'vitest'
import { schemaFields } from '../../core/src/cli/schema-fields.ts'
import { pluginReadmes, withTable } from './plugin-readmes.ts'

const readmes = await pluginReadmes()

test('every bundled plugin has a README', () => {
  expect(readmes.length).toBeGreaterThanOrEqual(4)
})

const template = ['## Configuration', '## Example', '## Order', '## Limits']

test.each(readmes)('the README of $name follows the template', ({ name, text }) => {
  const [title, ...headings] = text.split('\n').filter((line) => /^##? /.test(line))
  expect(title).toBe(`# ${name}`)
  // What a plugin has to tell beyond it has a heading of its own, in between.
  expect(headings.filter((heading) => template.includes(heading))).toEqual(template)
})

test.each(readmes)('the README of $name has the table of its schema', (readme) => {
  expect(readme.text, 'npm run plugin-readmes writes it').toBe(withTable(readme))
})

test.each(readmes)('the README of $name tells its priority and phases', ({ plugin, text }) => {
  expect(text).toContain(`Priority ${plugin.priority}`)
  for (const phase of Object.keys(plugin.phases)) expect(text).toContain(`\`${phase}\``)
  for (const protocol of plugin.protocols) expect(text).toContain(`\`${protocol}\``)
})

test.each(readmes)('every field of $name says what it means', ({ plugin }) => {
  const silent = schemaFields(plugin.schema).filter(({ meaning }) => meaning === '')
  expect(silent).toEqual([])
})
