import type { StartReport } from '../node/description/running.ts'

/** One screen: what listens where, what it is made of, and what to try next. */
export function startScreen(report: StartReport): string {
  const rows: [string, string][] = [
    ['stream', list(report.stream)],
    ['admin', list(report.admin.map(urlOf))],
    ['status', list(report.status.map(urlOf))],
    ['store', report.database],
    ['transport', `${report.transport}, ${count(report.workers, 'worker')}`],
    ['plugins', list(report.plugins)],
    ['prefix', report.prefix],
  ]
  return [
    'kong-ts started',
    '',
    ...rows.map(([name, value]) => `  ${name.padEnd(11)}${value}`),
    ...section(report.warnings.map((warning) => `warning: ${warning}`)),
    ...section(tryNext(report)),
    '',
    'Ctrl-C stops it.',
  ].join('\n')
}

function section(lines: readonly string[]): readonly string[] {
  return lines.length === 0 ? [] : ['', ...lines]
}

function list(parts: readonly string[]): string {
  return parts.length === 0 ? 'off' : parts.join(', ')
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`
}

function urlOf(address: string): string {
  return /^(unix:|https:)/.test(address) ? address : `http://${address}`
}

/** The example of the README with the addresses of this node, if it has what the example needs. */
function tryNext({ admin, adminToken, stream, database }: StartReport): readonly string[] {
  // Over TLS there is more to say than fits here: whom to trust, and perhaps who one is.
  const api = admin.find((address) => !address.startsWith('https:'))
  const entry = stream.find((address) => !address.startsWith('unix:'))
  if (api === undefined || entry === undefined) return []
  const { url, curl: program } = howToCall(api)
  const curl = adminToken ? `${program} -H "Kong-Admin-Token: $KONG_ADMIN_TOKEN"` : program
  if (database === 'off') {
    return [
      'Give it a configuration; `npx kong-ts config init kong.yml` writes one to begin with',
      '',
      `  ${curl} ${url}/config -F config=@kong.yml`,
    ]
  }
  return [
    'Try it in another terminal: an echo server behind a route for one TLS name',
    '',
    '  npx kong-ts echo --listen 127.0.0.1:30000 &',
    `  ${curl} ${url}/services -d name=tcpbin-echo -d url=tcp://127.0.0.1:30000`,
    `  ${curl} ${url}/services/tcpbin-echo/routes -d protocols=tls -d snis=tlsbin-example`,
    `  openssl s_client -connect ${reachable(entry)} -servername tlsbin-example`,
  ]
}

function howToCall(api: string): { readonly url: string; readonly curl: string } {
  if (!api.startsWith('unix:')) return { curl: 'curl', url: reachable(api) }
  return { curl: `curl --unix-socket ${api.slice('unix:'.length)}`, url: 'localhost' }
}

/** Every address of the machine includes the loopback one. */
function reachable(address: string): string {
  return address
    .replace(/^(0\.0\.0\.0|\[::\]):/, 'localhost:')
    .replace(/^127\.0\.0\.1:/, 'localhost:')
}
