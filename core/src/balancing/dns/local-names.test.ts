import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { fakeClock } from './clock.fixture.ts'
import type { Family } from './find-addresses.ts'
import { createLocalNames } from './local-names.ts'

function namesOf(text: string, families: readonly Family[] = ['A', 'AAAA']) {
  const folder = mkdtempSync(join(tmpdir(), 'kong-ts-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const hostsFile = join(folder, 'hosts')
  writeFileSync(hostsFile, text)
  const clock = fakeClock()
  const names = createLocalNames({ hostsFile, families }, clock)
  const local = (host: string) => names.find(host)
  const unchanging = (host: string) => names.unchanging(host)
  const ips = (host: string) => local(host)?.addresses.map(({ ip }) => ip)
  return { local, unchanging, ips, hostsFile, clock }
}

test('addresses and unix sockets stand for themselves, as the same answer', () => {
  const { local } = namesOf('')
  expect(local('127.0.0.1')).toEqual({ addresses: [{ ip: '127.0.0.1' }], type: 'A' })
  expect(local('[::1]')).toEqual({ addresses: [{ ip: '::1' }], type: 'AAAA' })
  expect(local('::1')).toEqual({ addresses: [{ ip: '::1' }], type: 'AAAA' })
  expect(local('unix:/a.sock')).toEqual({ addresses: [{ ip: 'unix:/a.sock' }], type: 'A' })
  expect(local('[::1]')).toBe(local('[::1]'))
  expect(local('a.test')).toBeUndefined()
})

test('localhost is this machine, whatever the hosts file says', () => {
  const { ips } = namesOf('10.0.0.1 localhost x.localhost\n')
  for (const host of ['localhost', 'LOCALHOST', 'localhost.', 'x.localhost']) {
    expect(ips(host)).toEqual(['127.0.0.1', '::1'])
  }
  expect(namesOf('', ['A']).ips('localhost')).toEqual(['127.0.0.1'])
  expect(namesOf('', ['AAAA']).ips('localhost')).toEqual(['::1'])
})

test('the hosts file is followed, in the families that are wanted', () => {
  const { ips, unchanging, hostsFile, clock } = namesOf('::1 a.test\n10.0.0.1 A.test\n')
  expect(unchanging('a.test')).toBeUndefined()
  expect(ips('a.TEST.')).toEqual(['10.0.0.1', '::1'])
  writeFileSync(hostsFile, '10.0.0.22 a.test\n')
  clock.pass(1000)
  expect(ips('a.test')).toEqual(['10.0.0.22'])
  const four = namesOf('::1 six.test a.test\n10.0.0.1 a.test\n', ['A'])
  expect([four.ips('a.test'), four.ips('six.test')]).toEqual([['10.0.0.1'], undefined])
})
