import { expect, test } from 'vitest'
import { describeConfiguration } from './describe-configuration.ts'
import { settingsOf } from '../node.fixture.ts'

const running = { logLevel: 'notice', plugins: [], stream: [], bound: undefined } as const
const shown = (settings: Readonly<Record<string, string>>): unknown =>
  JSON.parse(JSON.stringify(describeConfiguration(settingsOf(settings), running)))

test('name servers are texts, and times are seconds, as Kong shows them', () => {
  const set = { dns_resolver: '8.8.8.8,[::1]:54', dns_valid_ttl: '1.5', dns_order: 'last,a' }
  expect(shown(set)).toMatchObject({
    dns_resolver: ['8.8.8.8:53', '[::1]:54'],
    dns_hostsfile: '/etc/hosts',
    dns_order: ['LAST', 'A'],
    dns_valid_ttl: 1.5,
    dns_stale_ttl: 3600,
    dns_cache_size: 10_000,
    dns_not_found_ttl: 30,
    dns_error_ttl: 1,
  })
  expect(shown({})).not.toHaveProperty('dns_resolver')
  expect(shown({})).not.toHaveProperty('dns_valid_ttl')
})
