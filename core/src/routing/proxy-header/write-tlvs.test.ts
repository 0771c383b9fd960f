import { expect, test } from 'vitest'
import { checked, tlv } from './proxy-header.fixture.ts'
import { sealed, writeTlvs } from './write-tlvs.ts'

test('each fact is a TLV, custom ones last', () => {
  const others = [{ type: 0xe4, value: Buffer.from('x') }]
  const facts = { alpn: 'h2', authority: 'a.example', uniqueId: Buffer.from('7'), others }
  expect(writeTlvs(facts, false)).toEqual(
    Buffer.concat([tlv(1, 'h2'), tlv(2, 'a.example'), tlv(5, '7'), tlv(0xe4, 'x')]),
  )
  expect(writeTlvs({}, false)).toHaveLength(0)
})

test.each([
  [{ tls: false, verified: false }, [0, 0, 0, 0, 1]],
  [{ tls: true, verified: false }, [1, 0, 0, 0, 1]],
  [{ tls: true, certificate: 'connection', verified: true }, [7, 0, 0, 0, 0]],
  [{ tls: true, certificate: 'session', verified: false }, [5, 0, 0, 0, 1]],
] as const)('of TLS: %j', (ssl, expected) => {
  expect(writeTlvs({ ssl }, false)).toEqual(tlv(0x20, expected))
})

test('names of TLS are TLVs within', () => {
  const ssl = { tls: true, verified: false, version: 'TLSv1.3', cipher: 'c', cn: 'n' }
  expect(writeTlvs({ ssl }, false)).toEqual(
    tlv(
      0x20,
      Buffer.concat([
        Buffer.from([1, 0, 0, 0, 1]),
        tlv(0x21, 'TLSv1.3'),
        tlv(0x22, 'n'),
        tlv(0x23, 'c'),
      ]),
    ),
  )
})

test('the checksum comes last and is filled in', () => {
  expect(writeTlvs({ alpn: 'a' }, true)).toEqual(Buffer.concat([tlv(1, 'a'), tlv(3, [0, 0, 0, 0])]))
  const header = checked()
  const blank = Buffer.from(header)
  blank.fill(0, blank.length - 4)
  expect(sealed(blank)).toEqual(header)
})
