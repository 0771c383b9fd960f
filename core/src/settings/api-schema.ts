import { boolean, listOf, optional } from './kind.ts'
import { listeners } from './listen.ts'
import { hostName, origin } from './names.ts'
import { authorities, certificate, privateKey } from './pem.ts'
import type { Setting } from './setting.ts'
import { token } from './token.ts'

/** The settings of the Admin API and the Status API: where they listen, and who may use them. */
export const apiSchema = {
  admin_listen: {
    kind: listeners({ ssl: true, http: true }),
    default: '127.0.0.1:8001',
    description:
      'Where the Admin API listens. Beyond loopback and unix sockets: `ssl` with `admin_ssl_client_certificate`, `admin_token` or `admin_insecure` is needed.',
  },
  admin_token: {
    kind: optional(token()),
    default: '',
    secret: true,
    description:
      'Every request to the Admin API has to bring it: `Kong-Admin-Token: X` or `Authorization: Bearer X`.',
  },
  admin_insecure: {
    kind: boolean(),
    default: 'off',
    description: 'Lets other machines reach `admin_listen` without any proof of who they are.',
  },
  admin_hosts: {
    kind: listOf(hostName()),
    default: '',
    description:
      'Names by which the Admin and Status API may be called, beside addresses and `localhost`: other Host headers are refused, against DNS rebinding.',
  },
  admin_gui_url: {
    kind: listOf(origin()),
    default: '',
    description: 'Where a web interface is served whose pages may write, beside loopback.',
  },
  admin_ssl_cert: {
    kind: listOf(certificate()),
    default: '',
    description:
      'Certificates of `admin_listen` with `ssl`, one for each kind of key. Not set: generated.',
  },
  admin_ssl_cert_key: {
    kind: listOf(privateKey()),
    default: '',
    secret: true,
    description: 'The keys of `admin_ssl_cert`, in the same order.',
  },
  admin_ssl_client_certificate: {
    kind: optional(authorities()),
    default: '',
    aliases: ['nginx_admin_ssl_client_certificate'],
    description:
      'Authorities, one of which has to have signed the certificate of whoever calls the Admin API over `ssl`.',
  },
  status_listen: {
    kind: listeners({ ssl: true, http: true }),
    default: 'off',
    description:
      'Where the Status API listens, for probes and load balancers: read-only from afar.',
  },
  status_ssl_cert: {
    kind: listOf(certificate()),
    default: '',
    description:
      'Certificates of `status_listen` with `ssl`, one for each kind of key. Not set: generated.',
  },
  status_ssl_cert_key: {
    kind: listOf(privateKey()),
    default: '',
    secret: true,
    description: 'The keys of `status_ssl_cert`, in the same order.',
  },
} as const satisfies Readonly<Record<string, Setting<unknown>>>
