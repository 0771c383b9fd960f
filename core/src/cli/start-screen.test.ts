import { expect, test } from 'vitest'
import { startScreen } from './start-screen.ts'

const report = {
  stream: ['0.0.0.0:40001', 'unix:/tmp/s'],
  admin: ['127.0.0.1:40002'],
  adminToken: false,
  status: [],
  transport: 'portable',
  workers: 1,
  database: 'embedded',
  prefix: '/srv/p',
  plugins: ['a', 'b'],
  warnings: ['the descriptor limit is low'],
}

test('the screen says what listens where, and what to try on these very ports', () => {
  expect(startScreen(report).split('\n')).toEqual([
    'kong-ts started',
    '',
    '  stream     0.0.0.0:40001, unix:/tmp/s',
    '  admin      http://127.0.0.1:40002',
    '  status     off',
    '  store      embedded',
    '  transport  portable, 1 worker',
    '  plugins    a, b',
    '  prefix     /srv/p',
    '',
    'warning: the descriptor limit is low',
    '',
    'Try it in another terminal: an echo server behind a route for one TLS name',
    '',
    '  npx kong-ts echo --listen 127.0.0.1:30000 &',
    '  curl localhost:40002/services -d name=tcpbin-echo -d url=tcp://127.0.0.1:30000',
    '  curl localhost:40002/services/tcpbin-echo/routes -d protocols=tls -d snis=tlsbin-example',
    '  openssl s_client -connect localhost:40001 -servername tlsbin-example',
    '',
    'Ctrl-C stops it.',
  ])
})

test('an Admin API on a unix socket is called through it', () => {
  const screen = startScreen({ ...report, admin: ['unix:/srv/admin.sock'] })
  expect(screen).toContain('curl --unix-socket /srv/admin.sock localhost/services -d name=')
})

test('a node without a database is given a whole configuration', () => {
  const screen = startScreen({ ...report, database: 'off', adminToken: true })
  expect(screen).not.toContain('/services')
  expect(screen.split('\n').slice(-6)).toEqual([
    '',
    'Give it a configuration; `npx kong-ts config init kong.yml` writes one to begin with',
    '',
    '  curl -H "Kong-Admin-Token: $KONG_ADMIN_TOKEN" localhost:40002/config -F config=@kong.yml',
    '',
    'Ctrl-C stops it.',
  ])
})

test('without an Admin API or a TCP listener there is nothing to try', () => {
  expect(startScreen({ ...report, admin: [] })).not.toContain('curl')
  expect(startScreen({ ...report, stream: ['unix:/tmp/s'], warnings: [] })).not.toContain('curl')
  expect(startScreen({ ...report, stream: [], workers: 4 })).toContain(
    '  stream     off\n  admin      http://127.0.0.1:40002\n  status     off\n  store      embedded\n  transport  portable, 4 workers',
  )
})
