import { expect, test } from 'vitest'
import { compileExpression, complainOfExpression } from './expression.ts'

const record = {
  session: { received: 1234, sent: 5, status: 200 },
  route: { name: 'plain', tags: ['a', 'b'] },
  tries: [{ ip: '10.0.0.1' }, { ip: '10.0.0.2' }],
  client_ip: '10.0.0.9',
}
const evaluate = (text: string) => compileExpression(text)(record)

test.each<[string, unknown]>([
  ["'prod'", 'prod'],
  ['client_ip', '10.0.0.9'],
  ['session.received + session.sent', 1239],
  ['session.received / 1024', 1234 / 1024],
  ['1024 * session.sent', 5120],
  ['session.status >= 500 ? "error" : "ok"', 'ok'],
  ['route.name + "/" + client_ip', 'plain/10.0.0.9'],
  ['"s" + string(session.status)', 's200'],
  ['size(tries)', 2],
  ['tries.map(each, each.ip).join(",")', '10.0.0.1,10.0.0.2'],
  ['client_ip.split(".")[0]', '10'],
  ['client_ip.split(".").join("_")', '10_0_0_9'],
  ['route.tags.join()', 'ab'],
  ['route.tags.exists(t, t in ["b", "c"])', true],
  ['route.tags.map(t, t.upperAscii() + string(size(t)))', ['A1', 'B1']],
  ['has(session.tls)', false],
  ['session.?tls.?version.orValue("plain")', 'plain'],
  ['session.?tls.?version', undefined],
  ['sni', undefined],
  ['sni == null ? "none" : sni', 'none'],
  ['null', undefined],
  ['', undefined],
  [' ', undefined],
  ['[1, "a", null]', [1, 'a', null]],
  ['{"b": session.sent, "none": null}', { b: 5 }],
  ['timestamp("2026-01-01T00:00:00Z")', '2026-01-01T00:00:00.000Z'],
])('%s is %j', (text, expected) => {
  expect(complainOfExpression(text)).toBeUndefined()
  expect(evaluate(text)).toEqual(expected)
})

test.each([
  ['1 +', 'Unexpected token: EOF (at character 4)'],
  ['sesion.sent', 'Unknown variable: sesion (at character 1)'],
  ['process.env', 'Unknown variable: process (at character 1)'],
  ['globalThis', 'Unknown variable: globalThis (at character 1)'],
  ['toString()', "found no matching overload for 'toString()'"],
  ['"a".constructor("b")', "found no matching overload for 'string.constructor(string)'"],
  ['"a" + 1', /no such overload: string \+ int/],
  ['client_ip.matches("(a+)+$")', /^matches\(\) is not offered/],
  ['[client_ip].map(x, x.matches("(a+)+$"))', /^matches\(\) is not offered/],
  ['cel.bind(x, client_ip + client_ip, x + x)', /^cel\.bind\(\) is not offered/],
  ['[client_ip].map(a, a + a).map(b, b + b)', /^only one of all, exists/],
  ['["", ""].join(["", ""].join(client_ip))', 'what join() is given has to be a text in quotes'],
  ['client_ip.split(client_ip)', 'what split() is given has to be a text in quotes'],
  ['client_ip.split("").map(a, client_ip)', /^only one of all, exists/],
  ['tries.map(a, tries.map(b, b))', /^only one of all, exists/],
  ['route.tags.map(t, route.tags.join(",") + t)', /^join\(\) is not offered inside map\(\)/],
  ['tries.all(t, timestamp(0).getHours("UTC") > 0)', /^getHours\(\) is not offered inside all/],
  ['tries.filter(t, t in tries)', /^inside filter\(\) what stands behind 'in' has to be a list/],
  ['route.tags.exists(t, [t].map(u, u) == [])', /^only one of all, exists/],
  [`'${'x'.repeat(1000)}'`, 'longer than 1000 characters'],
  [Array.from({ length: 150 }, () => '1').join('+'), /[Ee]xceed/],
  [`${'('.repeat(40)}1${')'.repeat(40)}`, /[Ee]xceed/],
])('%s is refused', (text, complaint) => {
  expect(complainOfExpression(text)).toMatch(complaint)
})

test.each([
  ['session.tls.version', 'No such key: tls'],
  ['session.constructor', 'No such key: constructor'],
  ['session.__proto__.x', 'No such key: __proto__'],
  ['service.name', 'No such key: name'],
  ['1 / 0', 'division by zero'],
  ['session.sent / 0', 'Infinity is no number of JSON'],
  ['"s" + session.sent', /no such overload/],
  ['type(1)', 'the value is a type'],
])('%s has no value', (text, reason) => {
  expect(() => evaluate(text)).toThrow(reason)
})

test('the value of an expression is bounded', () => {
  const parts = Array.from({ length: 40 }, () => 'client_ip').join('+')
  const long = compileExpression(`${parts} + client_ip`)
  expect(() => long({ client_ip: 'x'.repeat(1000) })).toThrow('larger than 16384 characters')
  const doubled = compileExpression('[client_ip+client_ip].map(x, x+x+x+x+x+x+x)')
  expect(() => doubled({ client_ip: 'x'.repeat(2000) })).toThrow('larger than 16384 characters')
  expect(complainOfExpression(`[1].map(x, ${parts})`)).toBe(
    'an expression with map() has more than 8 +',
  )
})

test.each<[string, object]>([
  ['session.received', { route: { tags: Array.from({ length: 129 }, String) } }],
  ['tries.map(t, t)', { tries: Array.from({ length: 128 }, () => 'a') }],
])('%s has a value whatever lists there are', (text, more) => {
  expect(compileExpression(text)({ ...record, ...more })).toBeDefined()
})

test.each([
  ['tries.map(t, t)', { tries: Array.from({ length: 129 }, () => 'a') }, 'tries'],
  ['["a"].map(t, t)', { route: { tags: Array.from({ length: 129 }, () => 'a') } }, 'route'],
])('%s does not go through long lists', (text, more, key) => {
  expect(() => compileExpression(text)({ ...record, ...more })).toThrow(
    `a list in ${key} has more than 128 elements`,
  )
})
