import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { isUpturnError } from '../../errors/index.ts'
import { nodeHost } from './index.ts'

const folder = mkdtempSync(join(tmpdir(), 'upturn-host-'))
afterAll(() => rmSync(folder, { recursive: true }))
const host = nodeHost()

describe('files', () => {
  it('appear whole on commit and leave nothing on discard', async () => {
    const sink = await host.create(join(folder, 'a.bin'))
    await sink.write(Uint8Array.of(1, 2, 3))
    expect(await host.exists(join(folder, 'a.bin'))).toBe(false)
    await sink.commit()
    const source = await host.open(join(folder, 'a.bin'))
    expect(source.size).toBe(3)
    expect([...(await source.read(1, 10))]).toEqual([2, 3])
    const into = Uint8Array.of(9, 9, 9).buffer
    const there = await source.read(1, 3, undefined, into)
    expect([...there, ...new Uint8Array(into)]).toEqual([2, 3, 2, 3, 9])
    expect([...(await source.read(0, 3, undefined, new ArrayBuffer(2)))]).toEqual([1, 2, 3])
    await source.close()
    const other = await host.create(join(folder, 'b.bin'))
    await other.write(Uint8Array.of(9))
    await other.discard()
    expect(readdirSync(folder)).toEqual(['a.bin'])
  })
  it('names a missing file', async () => {
    const error = await host.open(join(folder, 'none')).catch((e: unknown) => e)
    expect(isUpturnError(error, 'FileNotFound')).toBe(true)
  })
})

describe('deflate', () => {
  it('round-trips and refuses another size', async () => {
    const bytes = new Uint8Array(100_000).map((_, i) => (i * i) & 255)
    const packed = await host.deflateRaw(bytes)
    expect(await host.inflateRaw(packed, bytes.length)).toEqual(Buffer.from(bytes))
    expect(() => host.inflateRaw(packed, bytes.length - 1)).toThrow()
    expect(() => host.inflateRaw(packed, bytes.length + 1)).toThrow()
    expect(host.crc32(Buffer.from('123456789'))).toBe(0xcbf43926)
  })
})

// (i * i) & 255 for i < 100,000, by zstd 1.5.4 -19.
const packed = Buffer.from(
  'KLUv/QRoBQQAAkgdH7DrYNAghiiCGKIIYo6hgxiiCGKIIt4QQwlijqHjbQoADHqIhivz+cpyTMjmryu4U7dOKMYIzXqpnkv3+E5SzNjiv6m5FaeOIMQQjHqKlmvz+8IyTMnujyu5V5fOKMIYTXqrjgv3+kYSzNnqn6m4EYcOIMABAQCADsNBbqQUpZNI',
  'base64',
)
describe('Zstandard', () => {
  it('inflates one frame and refuses another size or a cut', () => {
    expect(host.inflateZstd(packed, 100_000)).toEqual(new Uint8Array(100_000).map((_, i) => (i * i) & 255))
    for (const size of [0, 99_999, 100_001]) expect(() => host.inflateZstd(packed, size)).toThrow(/declared/)
    expect(() => host.inflateZstd(packed.subarray(0, 100), 100_000)).toThrow(/no one whole/)
    for (const bytes of [new Uint8Array(3), new Uint8Array(100)])
      expect(() => host.inflateZstd(bytes, 100)).toThrow(/no one whole Zstandard frame/)
  })
  it('refuses a second frame, whose window would be its own', () => {
    const frame = (exponent: number) => [0x28, 0xb5, 0x2f, 0xfd, 0, exponent << 3, 0x19, 0, 0, 7, 8, 9]
    for (const second of [frame(20), frame(0).slice(0, 8), [0]]) {
      const before = process.memoryUsage().arrayBuffers
      expect(() => host.inflateZstd(Uint8Array.from([...frame(0), ...second]), 3)).toThrow(
        /no one whole Zstandard frame/,
      )
      expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(1 << 20)
    }
  })
  it('sets no larger window aside than the text can fill', () => {
    // Three stored bytes behind a window of 2 GiB (exponent 21), and of every smaller size.
    for (let exponent = 0; exponent <= 21; exponent++) {
      const frame = Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd, 0, exponent << 3, 0x19, 0, 0, 7, 8, 9)
      const before = process.memoryUsage().arrayBuffers
      expect(host.inflateZstd(frame, 3)).toEqual(Uint8Array.of(7, 8, 9))
      expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(1 << 20)
    }
  })
})

describe('a stream of Zstandard frames', () => {
  const text = new Uint8Array(100_000).map((_, i) => (i * i) & 255)
  const frame = Uint8Array.from(packed)
  async function* pieces(bytes: Uint8Array, size: number) {
    for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
  }
  const inflated = async (bytes: Uint8Array, size = 50) => {
    const parts: Uint8Array[] = []
    for await (const part of host.inflateZstdPieces(pieces(bytes, size))) parts.push(Uint8Array.from(part))
    return Buffer.concat(parts)
  }
  const refusal = async (bytes: Uint8Array) => {
    const error = await inflated(bytes).catch((e: unknown) => e)
    if (!isUpturnError(error)) throw new Error('not refused')
    return error
  }
  const empty = (window: number) => Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd, 0, window, 1, 0, 0)

  it('comes out whole, whatever its pieces', async () => {
    const skipped = Uint8Array.of(0x53, 0x2a, 0x4d, 0x18, 5, 0, 0, 0, 1, 2, 3, 4, 5)
    const stored = Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd, 0x20, 3, 0x19, 0, 0, 7, 8, 9)
    const repeated = Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd, 0, 0, 0x23, 0, 0, 65)
    const all = Buffer.concat([frame, skipped, stored, empty(0), repeated, frame])
    const expected = Buffer.concat([text, Uint8Array.of(7, 8, 9), Buffer.from('AAAA'), text])
    for (const size of [1, 2, 7, 64, all.length]) expect((await inflated(all, size)).equals(expected)).toBe(true)
    expect((await inflated(new Uint8Array(0))).length).toBe(0)
  })
  it('is refused where it is cut or changed, and takes no memory for a window that nothing fills', async () => {
    for (let end = 1; end < frame.length; end++)
      expect(await refusal(frame.subarray(0, end)), String(end)).toMatchObject({
        code: 'FileTruncated',
        details: { byte: end },
      })
    let refused = 0
    for (let at = 0; at < frame.length; at++) {
      const changed = Uint8Array.from(frame)
      changed[at] ^= 1
      const found = await inflated(changed).catch((e: unknown) => e)
      // A bit that means nothing may be changed; the text is then the same, by its checksum.
      if (found instanceof Buffer) expect(found.equals(text)).toBe(true)
      else if (isUpturnError(found)) refused++
      else throw found
    }
    expect(refused).toBeGreaterThan(frame.length - 5)
    expect((await refusal(empty(0x90))).message).toContain('256 MiB')
    expect((await refusal(Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd, 1, 0, 9, 1, 0, 0))).message).toContain('dictionary')
    const before = process.memoryUsage().arrayBuffers
    expect((await inflated(Buffer.concat(Array.from({ length: 2000 }, () => empty(0x88))))).length).toBe(0)
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(16 << 20)
  })
})

describe('tables', () => {
  it('keep order, types, missing cells and hostile names', async () => {
    const schema = {
      name: 't',
      key: ['id'],
      columns: [
        { name: 'id', type: 'int32' as const },
        { name: "o'r", type: 'string' as const },
        { name: 'x', type: 'float64' as const },
        { name: 'yes', type: 'boolean' as const },
      ],
    }
    const rows = 50_000
    const writer = await host.tables.write(join(folder, "t'.parquet"), schema)
    const id = Array.from({ length: rows }, (_, i) => (i * 7919) % rows)
    await writer.append({
      id,
      "o'r": id.map((i) => (i % 3 ? `__proto__${i}` : null)),
      x: id.map((i) => (i % 5 ? i / 3 : null)),
      yes: id.map((i) => i % 2 === 0),
    })
    await writer.commit()
    let seen = 0
    for await (const batch of host.tables.read(join(folder, "t'.parquet"), schema)) {
      batch.id.forEach((value, k) => {
        expect(value).toBe(id[seen + k])
        expect(batch["o'r"][k]).toBe(id[seen + k] % 3 ? `__proto__${id[seen + k]}` : null)
        expect(batch.x[k]).toBe(id[seen + k] % 5 ? id[seen + k] / 3 : null)
        expect(batch.yes[k]).toBe(id[seen + k] % 2 === 0)
      })
      seen += batch.id.length
    }
    expect(seen).toBe(rows)
    // Whole row groups of 20,480, whatever the batches.
    const { DuckDBInstance } = await import('@duckdb/node-api')
    const connection = await (await DuckDBInstance.create(':memory:')).connect()
    const path = join(folder, "t'.parquet").replaceAll("'", "''")
    const groups = await connection.runAndReadAll(
      `SELECT DISTINCT row_group_id, row_group_num_rows FROM parquet_metadata('${path}') ORDER BY ALL`,
    )
    connection.closeSync()
    expect(groups.getRowsJson()).toEqual([
      ['0', '20480'],
      ['1', '20480'],
      ['2', '9040'],
    ])
    expect(readdirSync(folder).sort()).toEqual(['a.bin', "t'.parquet"])
  })

  it('are made of lines whose cells stand as they are', async () => {
    const schema = {
      name: 't',
      key: ['n'],
      columns: [
        { name: 'n', type: 'int32' as const },
        { name: 'a', type: 'string' as const },
        { name: 'b', type: 'int32' as const },
        { name: 'c', type: 'string' as const },
      ],
    }
    const read = async (lines: string | Uint8Array, rows: number) => {
      const path = join(folder, 'lines.txt')
      writeFileSync(path, lines)
      await host.tables.fromLines(path, rows, join(folder, 'lines.parquet'), schema, 'counted')
      const found: unknown[][] = []
      for await (const batch of host.tables.read(join(folder, 'lines.parquet'), schema))
        for (const [k, n] of batch.n.entries()) found.push([n, batch.a[k], batch.b[k], batch.c[k]])
      rmSync(path)
      rmSync(join(folder, 'lines.parquet'))
      return found
    }
    // Quotes, empty cells, what elsewhere stands for nothing, signs of other languages, spaces at the ends.
    const odd = ['"', '""x', "it's", '', 'NULL', 'nan', '\\N', 'é–Ж', ' a ', '#x', 'a,b;c', '\\t', '0x1']
    const cells = odd.flatMap((a, k) => odd.map((c, m): [string, number, string] => [a || '.', 100 * k + m, c]))
    const many = Array.from({ length: 300 }, () => cells).flat()
    expect(await read(many.map((row) => `${row.join('\t')}\n`).join(''), many.length)).toEqual(
      many.map((row, n) => [n, ...row]),
    )
    expect(await read('', 0)).toEqual([])
    // A line that DuckDB does not take, and bytes that are no text.
    const long = 'ACGT'.repeat(700_000)
    expect(await read(`${long}\t5\tx\ny\t6\t\n`, 2)).toEqual([
      [0, long, 5, 'x'],
      [1, 'y', 6, ''],
    ])
    expect(await read(Buffer.from('a\t1\tb\xff\n', 'latin1'), 1)).toEqual([[0, 'a', 1, 'b\ufffd']])
    await expect(read('a\t1\tb\n', 2)).rejects.toThrow('2 lines were written and 1 are there')
    expect(readdirSync(folder).filter((name) => name.startsWith('lines'))).toEqual(['lines.txt'])
  })

  it('are made of lines with a header, every number as it was and empty cells missing', async () => {
    const text = { name: 'a', type: 'string' as const }
    const columns = [
      text,
      { name: 'n', type: 'int32' as const },
      { name: 'x', type: 'float64' as const },
      { name: 'b', type: 'boolean' as const },
      { ...text, name: 'flags', emptyText: true as const },
    ]
    const schema = { name: 't', key: ['n'], columns }
    const header = `${columns.map(({ name }) => name).join('\t')}\n`
    const read = async (rows: readonly unknown[][], path: string) => {
      writeFileSync(path, header + rows.map((row) => `${row.map((cell) => cell ?? '').join('\t')}\n`).join(''))
      const made = join(folder, 'headed.parquet')
      await host.tables.fromLines(path, rows.length, made, schema, 'headed')
      const found: unknown[][] = []
      for await (const batch of host.tables.read(made, schema))
        for (const [k, n] of batch.n.entries()) found.push([batch.a[k], n, batch.x[k], batch.b[k], batch.flags[k]])
      rmSync(path)
      rmSync(made)
      return found
    }
    const bits = new DataView(new ArrayBuffer(8))
    const numbers = Array.from({ length: 4000 }, (_, i) => {
      bits.setUint32(0, Math.imul(i + 1, 0x9e3779b1) & 0x7fefffff)
      bits.setUint32(4, Math.imul(i + 7, 0x85ebca6b))
      return bits.getFloat64(0)
    })
    const special = [0, 1, -1.5, 1e-300, 5e-324, Number.MAX_VALUE, 1e21, 123456789012345680000, 0.1 + 0.2]
    const odd = ['"', "it's", 'NULL', 'nan', ' a ', null, '\\N', 'é–Ж']
    const rows = [...special, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, null, ...numbers].map((x, k) => [
      odd[k % odd.length],
      k % 7 === 3 ? null : k,
      x,
      [true, false, null][k % 3],
      k % 2 === 0 ? '' : 'hwe,dosage',
    ])
    expect(await read(rows, join(folder, 'lines.tsv'))).toEqual(rows)
    // The plain way, which a name with a bracket takes.
    expect(await read(rows, join(folder, 'lines[1].tsv'))).toEqual(rows)
    expect(await read([], join(folder, 'lines.tsv'))).toEqual([])
    expect(readdirSync(folder).filter((name) => /lines(?!\.txt)|headed/.test(name))).toEqual([])
  })

  it('of others are told as text, whatever their types', async () => {
    const path = join(folder, 'other.parquet')
    const { DuckDBInstance } = await import('@duckdb/node-api')
    const instance = await DuckDBInstance.create(':memory:')
    const connection = await instance.connect()
    await connection.run(
      `COPY (SELECT 0.1::FLOAT a, CASE n WHEN 1 THEN 4.0 WHEN 2 THEN 1e20 ELSE NULL END::DOUBLE AS "B b", DATE '2020-12-31' c,
       TIMESTAMP '2020-12-31 00:00:00' + INTERVAL (n - 1) HOUR d, TIMESTAMPTZ '2020-12-31 10:00:00+02' e, 1.50::DECIMAL(5, 2) f,
       n = 1 g, n::UTINYINT h, 'é' || n i FROM range(1, 4) AS t(n)) TO '${path}' (FORMAT parquet)`,
    )
    connection.closeSync()
    instance.closeSync()
    const { columns, batches } = await host.tables.text(path)
    expect(columns.map(({ name }) => name)).toEqual(['a', 'B b', 'c', 'd', 'e', 'f', 'g', 'h', 'i'])
    expect(columns.filter(({ number }) => number).map(({ name }) => name)).toEqual(['a', 'B b', 'f', 'h'])
    const found = []
    for await (const batch of batches) found.push(batch)
    expect(found).toEqual([
      [
        ['0.1', '0.1', '0.1'],
        ['4', '1e+20', null],
        ['2020-12-31', '2020-12-31', '2020-12-31'],
        ['2020-12-31', '2020-12-31 01:00:00', '2020-12-31 02:00:00'],
        Array(3).fill('2020-12-31 08:00:00Z'),
        ['1.50', '1.50', '1.50'],
        ['true', 'false', 'false'],
        ['1', '2', '3'],
        ['é1', 'é2', 'é3'],
      ],
    ])
    const code = async (name: string) => {
      const error = await host.tables.text(join(folder, name)).catch((e: unknown) => e)
      return isUpturnError(error) ? error.code : error
    }
    writeFileSync(join(folder, 'cut.parquet'), 'PAR1PAR1')
    expect(await code('cut.parquet')).toBe('FileDamaged')
    expect(await code('none.parquet')).toBe('FileNotFound')
    expect(await code('x*.parquet')).toBe('BadArgument')
  })
})
