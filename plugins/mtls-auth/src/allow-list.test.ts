import { expect, test } from 'vitest'
import { AllowList, faultOfAllowed, type Allowed } from './allow-list.ts'

const nobody: Allowed = { names: [], subjects: [], fingerprints: [] }
const shown = {
  verified: true,
  subject: String.raw`CN=Bank\, one,OU=db,O=Bank`,
  names: [
    'DNS:One.db.example',
    'URI:spiffe://prod/one',
    'IP Address:10.0.0.1',
    'IP Address:2001:DB8:0:0:0:0:0:A',
  ],
  fingerprint: 'ab'.repeat(32),
  pem: '',
}

test.each<[Partial<Allowed>, boolean]>([
  [{}, true],
  [{ names: ['DNS:one.db.example'] }, true],
  [{ names: ['DNS:*.db.example'] }, true],
  [{ names: ['DNS:two.db.example', 'DNS:*'] }, true],
  [{ names: ['DNS:one.db.exampl'] }, false],
  [{ names: ['DNS:ne.db.example'] }, false],
  [{ names: ['DNS:oneXdb.example'] }, false],
  [{ names: ['URI:spiffe://prod/*'] }, true],
  [{ names: ['URI:SPIFFE://prod/*'] }, false],
  [{ names: ['URI:*.db.example'] }, false],
  [{ names: ['IP:10.0.0.1'] }, true],
  [{ names: ['IP Address:10.0.0.1'] }, true],
  [{ names: ['IP:10.0.0.*'] }, true],
  [{ names: ['IP:10.0.0.2'] }, false],
  [{ names: ['IP:2001:db8::a'] }, true],
  [{ names: ['IP:2001:db8:0:0::0.0.0.10'] }, true],
  [{ names: ['IP:2001:DB8:0:0:0:0:0:A'] }, true],
  [{ names: ['IP:2001:db8:*'] }, true],
  [{ names: ['IP:::a'] }, false],
  [{ subjects: [String.raw`CN=Bank\, one,O=Bank,OU=db`] }, true],
  [{ subjects: ['O=Bank'] }, true],
  [{ subjects: ['O=Ban'] }, false],
  [{ subjects: ['O=Ban*'] }, true],
  [{ subjects: ['O=Bank,OU=web'] }, false],
  [{ subjects: ['CN=*'] }, true],
  [{ fingerprints: ['AB:'.repeat(31) + 'AB'] }, true],
  [{ fingerprints: ['cd'.repeat(32)] }, false],
  [{ names: ['DNS:two'], subjects: ['O=Bank'] }, true],
])('%j: %s', (allowed, expected) => {
  const entries = { ...nobody, ...allowed }
  expect(faultOfAllowed(entries)).toBeUndefined()
  expect(new AllowList(entries).has(shown)).toBe(expected)
})

test.each<[Partial<Allowed>, string]>([
  [
    { names: ['DNS:a', 'b.example'] },
    "config.allowed_names.2: expected DNS:, URI:, email: or IP: and a name, not 'b.example'",
  ],
  [{ names: ['DNS:'] }, 'config.allowed_names.1'],
  ...['300.0.0.1', '10.0.0.0/8', 'db.example', 'fe80::1%eth0'].map(
    (address): [Partial<Allowed>, string] => [
      { names: ['DNS:a', `IP:${address}`] },
      `config.allowed_names.2: expected an address after IP:, not 'IP:${address}'`,
    ],
  ),
  [{ subjects: ['CN='] }, 'config.allowed_subjects.1: expected parts such as CN=name'],
  [{ subjects: ['bob'] }, 'config.allowed_subjects.1: expected parts such as CN=name'],
  [{ fingerprints: ['ab'] }, 'config.allowed_fingerprints.1: expected a SHA-256'],
])('%j is refused', (allowed, why) => {
  expect(faultOfAllowed({ ...nobody, ...allowed })).toContain(why)
})
