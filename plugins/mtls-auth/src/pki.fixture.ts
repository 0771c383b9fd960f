import { execFileSync } from 'node:child_process'
import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** For the tests: an authority of the `openssl` command, which keeps its books in a folder. */
export interface Authority {
  readonly cert: string
  readonly key: string
  /** Issues a certificate. */
  issue(options: Issue): Identity
  /** Writes in the books that a certificate is revoked. */
  revoke(identity: Pick<Identity, 'path'>): void
  /** A list of what is revoked so far, in PEM; `to` and `from` are days from now. */
  crl(options?: CrlOptions): string
  /** Another authority below this one. */
  below(commonName: string): Authority & Pick<Identity, 'path'>
}

export interface CrlOptions {
  readonly from?: number
  readonly to?: number
  /** Arguments for `openssl ca`, and what is added to its configuration. */
  readonly more?: readonly string[]
  readonly config?: string
}

export interface Identity {
  readonly cert: string
  readonly key: string
  /** Of the certificate, and of the key. */
  readonly path: string
  readonly keyPath: string
}

export interface Issue {
  readonly commonName: string
  /** As `DNS:name,URI:…`. */
  readonly names?: string
  /** Days from now. */
  readonly from?: number
  readonly to?: number
  readonly ca?: boolean
}

const day = 86_400_000

/** As `openssl ca` takes it. */
function stamp(days: number): string {
  const text = new Date(Date.now() + days * day).toISOString()
  return `${text.slice(2, 19).replace(/[-:T]/g, '')}Z`
}

function openssl(...args: readonly (readonly string[])[]): void {
  execFileSync('openssl', args.flat(), { stdio: 'pipe' })
}

/** An authority whose own certificate is self-signed, with a key of RSA or, by default, on the curve P-256. */
export function createAuthority(commonName: string, algorithm: 'rsa' | 'ec' = 'ec'): Authority {
  const folder = newBooks(commonName)
  const [keyPath, path] = [join(folder, 'ca.key'), join(folder, 'ca.pem')]
  const newKey = algorithm === 'rsa' ? ['-newkey', 'rsa:2048'] : newEcKey
  const extensions = ['basicConstraints=critical,CA:TRUE', 'keyUsage=keyCertSign,cRLSign']
  openssl(
    ['req', '-x509', ...newKey, '-nodes', '-keyout', keyPath, '-out', path],
    ['-days', '30', '-subj', `/CN=${commonName}`, '-config', join(folder, 'ca.cnf')],
    extensions.flatMap((each) => ['-addext', each]),
  )
  return authorityIn(folder)
}

const newEcKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256']

const folders: string[] = []

/** Removes the books of all authorities, and the certificates with them. */
export function burnBooks(): void {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true })
}

function newBooks(commonName: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'kong-ts-pki-'))
  folders.push(folder)
  writeFileSync(join(folder, 'index.txt'), '')
  writeFileSync(join(folder, 'serial'), `${(0x1000 + commonName.length).toString(16)}\n`)
  writeFileSync(join(folder, 'crlnumber'), '01\n')
  writeFileSync(
    join(folder, 'ca.cnf'),
    [
      '[req]\ndistinguished_name=dn\n[dn]',
      '[ca]\ndefault_ca=books\n[books]',
      `dir=${folder}`,
      'database=$dir/index.txt\nnew_certs_dir=$dir\nserial=$dir/serial\ncrlnumber=$dir/crlnumber',
      'certificate=$dir/ca.pem\nprivate_key=$dir/ca.key\ndefault_md=sha256\npolicy=any\nunique_subject=no',
      '[any]\ncommonName=supplied',
    ].join('\n'),
  )
  return folder
}

function authorityIn(folder: string): Authority {
  const config = join(folder, 'ca.cnf')
  let issued = 0
  const issue = ({ commonName, names, from = -1, to = 30, ca = false }: Issue): Identity => {
    const stem = join(folder, `issued-${++issued}`)
    const [keyPath, path, request] = [`${stem}.key`, `${stem}.pem`, `${stem}.csr`]
    const extensions = `${stem}.ext`
    writeFileSync(
      extensions,
      [
        `basicConstraints=critical,CA:${ca ? 'TRUE' : 'FALSE'}`,
        ...(ca ? ['keyUsage=keyCertSign,cRLSign'] : []),
        ...(names === undefined ? [] : [`subjectAltName=${names}`]),
      ].join('\n'),
    )
    openssl(
      ['req', '-new', ...newEcKey, '-nodes', '-keyout', keyPath, '-out', request],
      ['-subj', `/CN=${commonName}`, '-config', config],
    )
    openssl(
      ['ca', '-batch', '-notext', '-config', config, '-in', request, '-out', path],
      ['-extfile', extensions, '-startdate', stamp(from), '-enddate', stamp(to)],
    )
    return { cert: readFileSync(path, 'utf8'), key: readFileSync(keyPath, 'utf8'), path, keyPath }
  }
  return {
    cert: readFileSync(join(folder, 'ca.pem'), 'utf8'),
    key: readFileSync(join(folder, 'ca.key'), 'utf8'),
    issue,
    revoke: ({ path }) => openssl(['ca', '-config', config, '-revoke', path]),
    crl({ from = -1, to = 30, more = [], config: added = '' } = {}) {
      appendFileSync(config, `\n${added}`)
      const path = join(folder, 'list.crl')
      openssl(
        ['ca', '-gencrl', '-config', config, '-out', path],
        ['-crl_lastupdate', stamp(from), '-crl_nextupdate', stamp(to), ...more],
      )
      return readFileSync(path, 'utf8')
    },
    below(commonName) {
      const { cert, key, path } = issue({ commonName, ca: true })
      const books = newBooks(commonName)
      writeFileSync(join(books, 'ca.pem'), cert)
      writeFileSync(join(books, 'ca.key'), key)
      return { ...authorityIn(books), path }
    },
  }
}
