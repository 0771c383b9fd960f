import { expect, test } from 'vitest'
import { compileByteRegex } from '../../entities/byte-regex.ts'
import { answerLimit, expectationOf } from './expectation.ts'

function verdicts(plan: { expect?: string; regex?: string }, ...chunks: readonly string[]) {
  const expectation = expectationOf({
    expect: plan.expect === undefined ? undefined : Buffer.from(plan.expect, 'latin1'),
    regex: plan.regex === undefined ? undefined : compileByteRegex(plan.regex),
  })
  return chunks.map((chunk) => expectation?.hear(Buffer.from(chunk, 'latin1')))
}

test('nothing may be expected', () => {
  expect(expectationOf({ expect: undefined, regex: undefined })).toBeUndefined()
})

test('a beginning is held against each byte as it comes', () => {
  expect(verdicts({ expect: '220 ' }, '2', '20', ' ready')).toEqual([undefined, undefined, true])
  expect(verdicts({ expect: '220 ' }, '22', '1')).toEqual([undefined, false])
  expect(verdicts({ expect: '220 ' }, '554 no')).toEqual([false])
  expect(verdicts({ expect: '\xff\x00' }, '\xff\x00\x01')).toEqual([true])
})

test('an expression may match anywhere, and after any chunk', () => {
  expect(verdicts({ regex: 'ESMTP\\r\\n' }, '220 a ES', 'MTP\r', '\n')).toEqual([
    undefined,
    undefined,
    true,
  ])
  expect(verdicts({ regex: '^\\xff.\\x00' }, '\xff\n\x00')).toEqual([true])
})

test('both have to hold', () => {
  const both = { expect: '220', regex: 'ESMTP' }
  expect(verdicts(both, '220 ', 'ESMTP')).toEqual([undefined, true])
  expect(verdicts(both, '221 ESMTP')).toEqual([false])
})

test('no more than so many bytes are looked at', () => {
  const filler = 'a'.repeat(answerLimit - 1)
  expect(verdicts({ regex: 'bc' }, filler, 'bc')).toEqual([undefined, false])
  expect(verdicts({ regex: 'b$' }, filler, 'bc')).toEqual([undefined, true])
})
