import { expect, test } from 'vitest'
import { devConfiguration } from './dev-configuration.ts'

async function declared(options: Partial<Parameters<typeof devConfiguration>[1]>) {
  const all = {
    config: [],
    route: [],
    listen: ':1',
    admin: ':2',
    upstream: 'tcp://a:1',
    ...options,
  }
  const { settings } = await devConfiguration('mine', all)
  return JSON.parse(settings['declarative_config_string'] ?? '')
}

test('without a word about the route, everybody passes the plugin', async () => {
  expect(await declared({})).toEqual({
    _format_version: '3.0',
    services: [
      {
        name: 'dev',
        url: 'tcp://a:1',
        routes: [
          {
            name: 'dev',
            protocols: ['tcp'],
            sources: [{ ip: '0.0.0.0/0' }, { ip: '::/0' }],
            plugins: [{ name: 'mine', config: {} }],
          },
        ],
      },
    ],
  })
})

test('pairs: values as they are meant, nested by dots, lists by repeating', async () => {
  const config = [
    'limit.second=5',
    'limit.hour=10',
    'by=ip',
    'deny=a',
    'deny=b',
    'on=[1]',
    'text=a=b',
  ]
  const route = ['protocols=tls', 'snis=db.test']
  const { services } = await declared({ config, route })
  expect(services[0].routes[0]).toEqual({
    name: 'dev',
    protocols: ['tls'],
    snis: ['db.test'],
    plugins: [
      {
        name: 'mine',
        config: {
          limit: { second: 5, hour: 10 },
          by: 'ip',
          deny: ['a', 'b'],
          on: [1],
          text: 'a=b',
        },
      },
    ],
  })
})

test('without an upstream there is one, until it is disposed of', async () => {
  const options = { config: [], route: [], listen: ':1', admin: ':2' }
  const { upstream, settings } = await devConfiguration('mine', options)
  expect(settings['declarative_config_string']).toMatch(/"url":"tcp:\/\/127\.0\.0\.1:\d+"/)
  await upstream?.[Symbol.asyncDispose]()
})
