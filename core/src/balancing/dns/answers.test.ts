import { expect, test } from 'vitest'
import type { Answer } from '../names.ts'
import { isSameAnswer } from './answers.ts'

const one = { ip: '10.0.0.1', port: 1, weight: 2, name: 'a' }
const two = { ip: '10.0.0.2' }
const answer = (addresses: Answer['addresses'], error?: string): Answer => ({
  addresses,
  type: 'SRV',
  ...(error !== undefined && { error }),
})

test('the order is no difference, and an error none while there are addresses', () => {
  expect(isSameAnswer(answer([one, two]), answer([two, one], 'SERVFAIL'))).toBe(true)
  expect(isSameAnswer(answer([], 'a'), answer([], 'a'))).toBe(true)
})

test.each<[string, Answer, Answer]>([
  ['another address', answer([one]), answer([two])],
  ['one more', answer([one]), answer([one, two])],
  ['another port', answer([one]), answer([{ ...one, port: 9 }])],
  ['another weight', answer([one]), answer([{ ...one, weight: 9 }])],
  ['another name', answer([one]), answer([{ ...one, name: 'b' }])],
  ['another type', answer([two]), { ...answer([two]), type: 'A' }],
  ['another reason', answer([], 'a'), answer([], 'b')],
])('%s is a change', (_what, before, after) => {
  expect(isSameAnswer(before, after)).toBe(false)
})
