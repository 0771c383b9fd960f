import { expect, test } from 'vitest'
import {
  isRejection,
  isTerminate,
  isTlsDecision,
  passthrough,
  reject,
  terminate,
} from './verdicts.ts'

test('a rejection carries its reason and its farewell as bytes', () => {
  expect(reject('no')).toMatchObject({ reason: 'no' })
  expect(reject('no').farewell).toBeUndefined()
  expect(reject('no', 'au revoir é').farewell).toEqual(new TextEncoder().encode('au revoir é'))
  expect(reject('no', Uint8Array.of(0, 255)).farewell).toEqual(Uint8Array.of(0, 255))
  expect(reject('no', 'bye', { overTls: true })).toMatchObject({ overTls: true })
  expect(reject('no', 'bye')).not.toHaveProperty('overTls')
})

test('verdicts are told apart from one another and from look-alikes', () => {
  expect([reject('no'), terminate(), passthrough].map(isRejection)).toEqual([true, false, false])
  expect([reject('no'), terminate(), passthrough].map(isTlsDecision)).toEqual([false, true, true])
  expect([terminate(), passthrough].map(isTerminate)).toEqual([true, false])
  for (const other of [
    undefined,
    null,
    'reject',
    { reason: 'no' },
    { 'kong-ts.verdict': 'reject' },
  ]) {
    expect(isRejection(other)).toBe(false)
    expect(isTlsDecision(other)).toBe(false)
  }
})

test('a request for a certificate is part of the decision', () => {
  const clientCertificate = { required: true, ca: ['pem'] }
  expect(terminate({ clientCertificate })).toMatchObject({ clientCertificate })
})
