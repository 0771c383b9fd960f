import { expect, test } from 'vitest'
import { SettingsError } from '../errors/settings-error.ts'
import { resolveSettings } from './resolve-settings.ts'

function resolve(env: Readonly<Record<string, string>>) {
  return resolveSettings({ env, cwd: '/srv', strict: true })
}

function problems(env: Readonly<Record<string, string>>): readonly string[] {
  try {
    resolve(env)
  } catch (error) {
    if (error instanceof SettingsError) return error.problems
  }
  return []
}

test('name servers are addresses with a port or without, in Kong’s words when they are not', () => {
  const { settings } = resolve({
    KONG_DNS_RESOLVER: '8.8.8.8, [::1], ::2, 9.9.9.9:5353,[fd00::1]:54',
  })
  expect(settings.dns_resolver).toEqual([
    { address: '8.8.8.8', port: 53 },
    { address: '::1', port: 53 },
    { address: '::2', port: 53 },
    { address: '9.9.9.9', port: 5353 },
    { address: 'fd00::1', port: 54 },
  ])
  for (const wrong of ['ns.example', '8.8.8.8:0', '[8.8.8.8]:53', '8.8.8.8:99999', '::1]']) {
    for (const name of ['dns_resolver', 'resolver_address']) {
      const variable = `KONG_${name.toUpperCase()}`
      expect(problems({ [variable]: `1.1.1.1,${wrong}` })).toEqual([
        `environment ${variable}: ${name} must be a comma separated list in the form of IPv4/6 or IPv4/6:port, got '${wrong}'`,
      ])
    }
  }
})

test('the order is a list of types, whatever their case', () => {
  expect(resolve({}).settings.dns_order).toEqual(['LAST', 'SRV', 'A', 'AAAA', 'CNAME'])
  expect(resolve({ KONG_RESOLVER_FAMILY: 'a,Srv' }).settings.dns_order).toEqual(['A', 'SRV'])
  expect(problems({ KONG_DNS_ORDER: 'A,MX' })).toEqual([
    "environment KONG_DNS_ORDER: dns_order: invalid entry 'MX'",
  ])
  expect(problems({ KONG_DNS_ORDER: 'LAST,CNAME' })).toEqual([
    "environment KONG_DNS_ORDER: dns_order: one of SRV, A and AAAA is needed, got 'LAST,CNAME'",
  ])
})

test('a hosts file that is named has to be there', () => {
  expect(resolve({}).settings.dns_hostsfile).toBe('/etc/hosts')
  for (const name of ['dns_hostsfile', 'resolver_hosts_file']) {
    expect(problems({ [`KONG_${name.toUpperCase()}`]: 'none' })).toEqual([
      `environment KONG_${name.toUpperCase()}: ${name}: file does not exist`,
    ])
  }
})

test('times are seconds, and Kong’s names for them mean the same', () => {
  expect(resolve({}).settings).toMatchObject({
    dns_resolver: [],
    dns_valid_ttl: undefined,
    dns_stale_ttl: 3_600_000,
    dns_not_found_ttl: 30_000,
    dns_error_ttl: 1000,
    dns_cache_size: 10_000,
  })
  const { settings, warnings } = resolve({
    KONG_RESOLVER_VALID_TTL: '5',
    KONG_RESOLVER_STALE_TTL: '6',
    KONG_RESOLVER_ERROR_TTL: '0.5',
    KONG_RESOLVER_LRU_CACHE_SIZE: '7',
    KONG_RESOLVER_MEM_CACHE_SIZE: '5m',
    KONG_NEW_DNS_CLIENT: 'on',
  })
  expect(settings).toMatchObject({
    dns_valid_ttl: 5000,
    dns_stale_ttl: 6000,
    dns_error_ttl: 500,
    dns_cache_size: 7,
  })
  expect(warnings).toHaveLength(2)
})
