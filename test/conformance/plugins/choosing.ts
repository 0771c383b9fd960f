import { passthrough, terminate, type Plugin } from '@kong-ts/pdk'
import { note } from './digest.ts'
import { smallPlugin, type SmallConfig } from './small-plugin.ts'

const own = ({ host = '', port = 0 }: SmallConfig): { host: string; port: number } => ({
  host,
  port,
})

export const deciding: readonly Plugin[] = [
  smallPlugin('terminates', { tls: () => terminate() }),
  smallPlugin('speaks-protocols', { tls: () => terminate({ alpn: ['postgresql', 'h2'] }) }),
  smallPlugin('passes', { tls: () => passthrough }),
  smallPlugin('decides-late', {
    tls: async ({ hello }) => (hello.serverName?.startsWith('pass') ? passthrough : terminate()),
  }),
  smallPlugin('asks-for-a-certificate', {
    tls: (_, { config: { ca } }) =>
      terminate({ clientCertificate: { required: false, ca: ca === undefined ? [] : [ca] } }),
    balance: (conn) => conn.set(note, conn.tls?.clientCertificate?.subject ?? 'nobody'),
  }),
  smallPlugin('insists-on-a-certificate', {
    tls: (_, { config: { ca } }) =>
      terminate({ clientCertificate: { required: true, ca: ca === undefined ? [] : [ca] } }),
  }),
]

export const balancing: readonly Plugin[] = [
  smallPlugin('has-no-opinion', {
    balance: ({ targets, failed }, { log }) => log.info({ targets, failed }, 'asked'),
  }),
  smallPlugin('takes-the-listed', { balance: ({ targets }) => targets[0] }),
  smallPlugin('takes-its-own', {
    balance({ targets, failed }, { config, log }) {
      log.info({ targets, failed }, 'asked')
      return own(config)
    },
  }),
  smallPlugin('takes-its-own-late', { balance: async (_, { config }) => own(config) }),
  smallPlugin('takes-its-own-first', {
    balance({ targets, failed }, { config, log }) {
      log.info({ targets, failed }, 'asked')
      return failed === 0 ? own(config) : undefined
    },
  }),
  smallPlugin('gives-up', {
    async balance({ failed }, { config }) {
      if (failed === 1) throw new Error('once is enough')
      return own(config)
    },
  }),
  smallPlugin('takes-its-own-over-tls', {
    balance: (_, { config }) => ({
      ...own(config),
      tls: { serverName: 'bob.example', verify: true, ca: [config.ca ?? ''] },
    }),
  }),
  smallPlugin('takes-its-own-in-time', {
    balance: (_, { config }) => ({
      ...own(config),
      tls: false,
      timeouts: { connect: 20_000, read: 20_000, write: 20_000 },
    }),
  }),
  smallPlugin('takes-a-wrong-name', {
    balance: (_, { config }) => ({ ...own(config), tls: { servername: 'bob.example' } as object }),
  }),
  smallPlugin('takes-no-time', {
    balance: (_, { config }) => ({ ...own(config), timeouts: { connect: 0 } }),
  }),
  smallPlugin('adds-a-weight', {
    balance: (_, { config }) => ({ ...own(config), weight: 100 }),
  }),
]
