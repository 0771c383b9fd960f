import { expect, test } from 'vitest'
import { printLua } from './print-lua.ts'

test.each([
  [{}, '{}'],
  [{ error: 'bad "text"' }, '{error="bad \\"text\\""}'],
  [{ services: [{ port: 'p', host: 'h' }] }, '{services={{host="h",port="p"}}}'],
  [{ services: [null, 'twice'] }, '{services={[2]="twice"}}'],
  [{ services: ['a', null, 'c'] }, '{services={"a",[3]="c"}}'],
  [{ '@entity': ['x'], end: 'y' }, '{["@entity"]={"x"},["end"]="y"}'],
  [{ tags: { '3': 'no' } }, '{tags={[3]="no"}}'],
])('%j', (value, text) => {
  expect(printLua(value)).toBe(text)
})
