import { expect, test } from 'vitest'
import { ecCert, ecKey } from '../../entities/pem.fixture.ts'
import { describeConfiguration } from './describe-configuration.ts'
import { settingsOf } from '../node.fixture.ts'

const running = { logLevel: 'notice', plugins: ['sample'], stream: [], bound: undefined } as const

test('listeners are texts, and objects with the port that was bound', () => {
  const settings = settingsOf({
    stream_listen: '127.0.0.1:0, 127.0.0.1:9443 ssl',
    admin_listen: '127.0.0.1:0',
    status_listen: 'off',
  })
  const bound = { admin: ['127.0.0.1:8001'], status: [] }
  const stream = [
    { address: '127.0.0.1', port: 5555 },
    { address: '127.0.0.1', port: 9443 },
  ]
  expect(describeConfiguration(settings, { ...running, stream, bound })).toMatchObject({
    stream_listen: ['127.0.0.1:0', '127.0.0.1:9443 ssl'],
    stream_listeners: [
      { ip: '127.0.0.1', port: 5555, ssl: false },
      { ip: '127.0.0.1', port: 9443, ssl: true },
    ],
    stream_proxy_ssl_enabled: true,
    admin_listen: ['127.0.0.1:0'],
    admin_listeners: [{ port: 8001 }],
    admin_ssl_enabled: false,
    status_listen: ['off'],
    status_listeners: [],
    proxy_listen: ['off'],
    proxy_listeners: [],
  })
})

test('what is not bound yet is shown as configured', () => {
  const settings = settingsOf({ stream_listen: '127.0.0.1:5555', admin_listen: '127.0.0.1:8001' })
  expect(describeConfiguration(settings, running)).toMatchObject({
    stream_listeners: [{ port: 5555 }],
    admin_listeners: [{ port: 8001 }],
  })
})

test('a unix socket has no port', () => {
  const settings = settingsOf({ admin_listen: 'unix:a:80' })
  const [listen] = settings.admin_listen
  const bound = { admin: [listen?.address ?? ''], status: [] }
  expect(describeConfiguration(settings, { ...running, bound })).toMatchObject({
    admin_listeners: [{ ip: expect.stringMatching(/^unix:.*a:80$/), port: 0 }],
  })
})

test('a node has the role and the ways of a Kong on its own', () => {
  expect(describeConfiguration(settingsOf(), { ...running, logLevel: 'debug' })).toMatchObject({
    database: 'embedded',
    role: 'traditional',
    router_flavor: 'traditional',
    worker_consistency: 'strict',
    log_level: 'debug',
    plugins: ['off'],
    loaded_plugins: { sample: true },
    access_log: 'off',
    error_log: 'stderr',
    drain_timeout: 5000,
  })
})

test('paths of logs are texts, and secrets are masked', () => {
  const settings = settingsOf({
    error_log: '/var/log/a.log',
    ssl_cert: ecCert,
    ssl_cert_key: ecKey,
    admin_token: 'a-token-that-nobody-guesses-so-soon',
  })
  const shown = describeConfiguration(settings, running)
  expect(shown).toMatchObject({ error_log: '/var/log/a.log', ssl_cert_key: '******' })
  const text = JSON.stringify(shown)
  expect(text).not.toContain('a-token-that')
  expect(text).not.toContain('PRIVATE KEY')
})
