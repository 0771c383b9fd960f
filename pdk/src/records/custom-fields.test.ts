import { expect, test } from 'vitest'
import { configure } from '../schema/configure.ts'
import { customFieldsFields, lineWriter } from './custom-fields.ts'
import type { CustomFields } from './custom-fields.ts'
import { definePlugin } from '../plugin.ts'
import { logTo } from '../testing/log-lines.ts'
import type { Line } from '../testing/log-lines.ts'

const route = { id: 'r', name: 'plain' }
const connection = () => ({
  serialize: () => ({
    session: { sent: 5 },
    route,
    client_ip: '10.0.0.9',
    ending: 'client.closed',
  }),
})

function write(custom_fields?: CustomFields) {
  const lines: Line[] = []
  const word = lineWriter({ custom_fields }, logTo(lines))
  return { lines, line: (): unknown => JSON.parse(word(connection())) }
}

test('without custom fields a line is the record', () => {
  expect(write().line()).toEqual(connection().serialize())
})

test('fields are added, changed and removed, also in rows, and the rows stay', () => {
  const { line, lines } = write({
    env: "'prod'",
    'session.kib': 'session.sent / 1024',
    'route.name': 'route.name + "!"',
    client_ip: 'null',
    ending: '',
    'own.deep': 'client_ip',
  })
  const expected = {
    session: { sent: 5, kib: 5 / 1024 },
    route: { id: 'r', name: 'plain!' },
    env: 'prod',
    own: { deep: '10.0.0.9' },
  }
  expect(line()).toEqual(expected)
  expect(line()).toEqual(expected)
  expect(route).toEqual({ id: 'r', name: 'plain' })
  expect(lines).toEqual([])
})

test('a field without a value is left out, and told of the first, the tenth, the hundredth time', () => {
  const { line, lines } = write({ client_ip: 'session.tls.version', 'ending.x': '1', good: '1' })
  for (let count = 0; count < 100; count++) {
    expect(line()).toEqual({ session: { sent: 5 }, route, ending: 'client.closed', good: 1 })
  }
  const told = lines.filter(({ fields }) => fields['custom_field'] === 'client_ip')
  expect(told.map(({ fields }) => fields['times'])).toEqual([1, 10, 100])
  expect(told[0]).toMatchObject({ level: 'warn', fields: { error: 'No such key: tls' } })
  expect(lines.filter(({ fields }) => fields['custom_field'] === 'ending.x')).toMatchObject(
    [1, 10, 100].map((times) => ({ fields: { times, error: "'ending' is not an object" } })),
  )
})

const plugin = definePlugin({
  name: 'p',
  version: '1.0.0',
  priority: 1,
  schema: { type: 'object', properties: customFieldsFields },
  phases: {},
})

test.each([
  [{ custom_fields: { x: '1 +' } }, { custom_fields: { x: /^not an expression: Unexpected/ } }],
  [{ custom_fields: { x: 1 } }, { custom_fields: { x: /^expected a string/ } }],
  [
    { custom_fields_by_lua: { x: 'return 1' } },
    { custom_fields_by_lua: { x: /write an expression in custom_fields/ } },
  ],
])('%j is refused by name', (input, fields) => {
  const configured = configure(plugin, input)
  expect(configured).toMatchObject({
    ok: false,
    fields: Object.fromEntries(
      Object.entries(fields).map(([name, inner]) => [
        name,
        { x: expect.stringMatching(inner.x) as string },
      ]),
    ),
  })
})

test('no Lua is no reason to refuse', () => {
  expect(configure(plugin, { custom_fields_by_lua: {} })).toMatchObject({ ok: true })
  expect(configure(plugin, { custom_fields_by_lua: null })).toMatchObject({ ok: true })
})
