import { expect, test } from 'vitest'
import { AddressList } from './address-list.ts'
import { readList } from './read-list.ts'

test('lines, with comments, blanks and line ends of either kind', async () => {
  const text = '\uFEFF# offices\r\n\r\n10.0.0.0/8\r\n  192.0.2.1  # home\n2001:db8::/32 ; SBL1\n'
  const { ranges, entries } = await readList(text)
  const list = new AddressList(ranges)
  expect(entries).toBe(3)
  const clients = ['10.1.1.1', '192.0.2.1', '2001:db8::1', '192.0.2.2']
  expect(clients.map((client) => list.has(client))).toEqual([true, true, true, false])
})

test('a JSON array', async () => {
  const { ranges, entries } = await readList('\n["10.0.0.0/8",\n "::1"]')
  expect([entries, new AddressList(ranges).has('::1')]).toEqual([2, true])
})

test.each(['# nobody', '[]', ';\n'])('%j is an empty list', async (text) => {
  expect(await readList(text)).toMatchObject({ entries: 0 })
})

test('a long list is read in strides', async () => {
  const text = Array.from({ length: 5000 }, (_, n) => `10.0.${n >> 8}.${n & 255}`).join('\n')
  expect(await readList(text)).toMatchObject({ entries: 5000 })
  await expect(readList(`${text}\nx`)).rejects.toThrow("line 5001: invalid ip or cidr range: 'x'")
})

test.each([
  ['', 'it is empty'],
  [' \n', 'it is empty'],
  ['10.0.0.1\n10.0.0.\n', "line 2: invalid ip or cidr range: '10.0.0.'"],
  [`<html>${'x'.repeat(100)}`, `line 1: invalid ip or cidr range: '<html>${'x'.repeat(54)}…'`],
  ['["10.0.0.1", 7]', "entry 2: invalid ip or cidr range: '7'"],
  ['["10.0.0.1', 'it is no JSON array'],
])('%j is refused as a whole', async (text, message) => {
  await expect(readList(text)).rejects.toThrow(message)
})
