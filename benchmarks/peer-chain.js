// The whole study beside the chain of programs that it replaces, on the same cohort:
//   node benchmarks/peer-chain.js [FOLDER [ROUNDS]]
// FOLDER holds a study.yaml with genotypes.vcf.gz (made by `upturn simulate` when it does not exist). The peers do
// import, quality control, kinship, pruning, components, Firth on every variant, the model tests and 1,000 relabellings;
// they read no visits, call nobody, calibrate nothing and write no report.
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { has, interleave, machine, measure, table } from './measure.js'

const program = fileURLToPath(new URL('../bin/upturn.js', import.meta.url))
const folder = process.argv[2] ?? join(tmpdir(), 'upturn-bench-cohort')
const rounds = Number(process.argv[3] ?? 3)
for (const name of ['plink2', 'plink1.9'])
  if (!has(name)) {
    console.log(`${name} is not installed: apt-get install plink1.9 plink2`)
    process.exit(1)
  }
const upturn = (...args) => measure(process.execPath, [program, ...args])
if (!existsSync(join(folder, 'study.yaml'))) await upturn('simulate', '--out', folder, '--quiet')
const scratch = mkdtempSync(join(tmpdir(), 'upturn-bench-'))
const out = join(scratch, 'results')
// Its calls tell the peers who is a case; it counts as the first round.
let first = await upturn('run', join(folder, 'study.yaml'), '--out', out, '--quiet')

// Who is a case comes from Upturn's own calls: the peers have no way to make them.
const { parquetReadObjects } = await import('./parquet.js')
const patients = await parquetReadObjects(join(out, 'patients.parquet'))
const groups = new Map((await parquetReadObjects(join(out, 'groups.parquet'))).map((row) => [row.patient, row]))
const sampleOf = (patient) => patient.sample ?? patient.patient
const lines = patients.flatMap((patient) => {
  const group = groups.get(patient.patient)
  return group?.case === 0 || group?.case === 1 ? [`${sampleOf(patient)}\t${group.case + 1}`] : []
})
writeFileSync(join(scratch, 'cases.txt'), `#IID\tcase\n${lines.join('\n')}\n`)
writeFileSync(join(scratch, 'cases1.txt'), `${lines.map((line) => `0\t${line}`).join('\n')}\n`)
writeFileSync(
  join(scratch, 'sex.txt'),
  `#IID\tSEX\n${patients.map((p) => `${sampleOf(p)}\t${p.sex === 'male' ? 1 : p.sex === 'female' ? 2 : 0}`).join('\n')}\n`,
)
writeFileSync(
  join(scratch, 'covariates.txt'),
  `#IID\tage\n${patients.map((p) => `${sampleOf(p)}\t${p.age_at_onset ?? 'NA'}`).join('\n')}\n`,
)

const genotypes = existsSync(join(folder, 'genotypes.vcf.gz'))
  ? ['--vcf', join(folder, 'genotypes.vcf.gz'), '--const-fid', '0']
  : ['--bfile', join(folder, existsSync(join(folder, 'HLC.bed')) ? 'HLC' : 'genotypes')]
const at = (name) => join(scratch, name)
const common = ['--threads', '2', '--memory', '4000']
const chain = `set -e
plink2 ${genotypes.filter((a) => !['--const-fid', '0'].includes(a)).join(' ')} ${existsSync(join(folder, 'HLC.bed')) ? '' : '--split-par b38 '}--update-sex ${at('sex.txt')} --make-pgen --out ${at('a')} ${common.join(' ')}
plink2 --pfile ${at('a')} ${existsSync(join(folder, 'HLC.bed')) ? '--mind 0.1 --geno 0.1' : '--mind 0.03 --geno 0.05'} --maf 0.01 --king-cutoff 0.0884 --make-pgen --out ${at('b')} ${common.join(' ')}
plink2 --pfile ${at('b')} --freq --missing --hardy --het --out ${at('q')} ${common.join(' ')}
plink2 --pfile ${at('b')} --autosome --indep-pairwise 200kb 1 0.2 --out ${at('p')} ${common.join(' ')}
plink2 --pfile ${at('b')} --extract ${at('p')}.prune.in --pca 10 --out ${at('pca')} ${common.join(' ')}
join -t "$(printf '\\t')" <(sed 's/^#//' ${at('covariates.txt')} | sort) <(sed 's/^#//' ${at('pca')}.eigenvec | cut -f1-3 | sort) | sort -r -k1,1 | awk 'BEGIN{print "#IID\\tage\\tPC1\\tPC2"} $1!="IID"' > ${at('cov.txt')}
plink2 --pfile ${at('b')} --pheno ${at('cases.txt')} --covar ${at('cov.txt')} --covar-variance-standardize --glm firth sex hide-covar --out ${at('g')} ${common.join(' ')}
plink2 --pfile ${at('b')} --not-chr PAR1,PAR2 --make-bed --out ${at('c')} ${common.join(' ')}
plink1.9 --bfile ${at('c')} --pheno ${at('cases1.txt')} --allow-no-sex --model fisher --out ${at('m')} --memory 4000
plink1.9 --bfile ${at('c')} --pheno ${at('cases1.txt')} --allow-no-sex --assoc mperm=1000 --seed 1 --out ${at('r')} --memory 4000`

const results = await interleave(
  {
    'upturn run': async () => {
      if (first !== undefined) {
        const done = first
        first = undefined
        return done
      }
      rmSync(out, { recursive: true, force: true })
      return upturn('run', join(folder, 'study.yaml'), '--out', out, '--quiet')
    },
    'plink2 + plink1.9': () => measure('bash', ['-c', chain]),
  },
  rounds,
)
console.log(`${machine()}\n${folder}\n`)
console.log(table(results))
console.log(
  `\nupturn / peers, minimum of ${rounds}: ${(results['upturn run'].minimum / results['plink2 + plink1.9'].minimum).toFixed(2)}`,
)
const manifest = JSON.parse(readFileSync(join(out, 'manifest.json'), 'utf8'))
for (const stage of manifest.stages) console.log(`  ${stage.stage.padEnd(12)} ${stage.seconds.toFixed(2)} s`)
console.log(`peer files: ${readdirSync(scratch).length}`)
rmSync(scratch, { recursive: true, force: true })
