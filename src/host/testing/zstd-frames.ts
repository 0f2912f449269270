import { randomBytes } from './random-bytes.ts'

/** 400 lines of a table of variants. */
function variantLines(): Uint8Array {
  let state = 7
  const random = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state / 2 ** 32
  }
  const letter = () => 'ACGT'[Math.floor(random() * 4)]
  const line = (k: number) =>
    `${1 + (k % 22)}\t${1000 + ((k * 37) % 9000)}\trs${Math.floor(random() * 1e5)}\t${letter()}\n`
  return new TextEncoder().encode(Array.from({ length: 400 }, (_, k) => line(k)).join(''))
}

/**
 * Texts and what zstd 1.5.4 made of them, in base64. Together they have blocks stored and compressed; literals stored,
 * by one and by four Huffman streams, with weights told directly and by FSE, and with the code of an earlier block; and
 * sequences with codes that are given, of one symbol, described, and taken over.
 */
export const zstdFrames: readonly { text: Uint8Array; frame: readonly string[] }[] = [
  {
    // -19: block2 lit0.1 seq1 ll0 of1 ml0
    text: randomBytes(1, 3000),
    frame: [
      'KLUv/QRoJQMAJAUjrSMlI/gjlSP6G3qm2AXQIyBnH6Rf4YoDWmQ3QVxpVjk3A6p5a1HodTeJiXvCCO9oAFAZa0BNXBdw19mjIwJzbBRyZVlTU5',
      'dcKgIkSmNBVbcABxAAgUzeYeCEvxQ2UNHDBjI85a0=',
    ],
  },
  {
    // -3: lit0.2 of0
    text: randomBytes(2, 200),
    frame: ['KLUv/QRYDQEAuAMAAAMAAAECAAABAAEBAAEBMjAJMzU2AwAyD4CztQWSTbYpmA=='],
  },
  {
    // -1: lit2.1 wdirect of2
    text: randomBytes(4, 3000),
    frame: [
      'KLUv/QRITQYAphEUg0MhEAASABQAU+Jxbi8rFid8essgv5rmyzuQIXHCiKa4EuWwY2fvN4VzCHWOcEDzJz4BGdE0BgbEdgZaAxAdP0s+TjmEoG',
      'PjIjePwrB4ER8xIHACETG0DhBwgKPXFNzCUZgovA1pexGH9BBCSbQL6wVBc58TbWsuQMKEUDZharuILm8LIYfIkMWKJYIZsL9USRCd6nZlXCoz',
      'zJKdlNcxgbYgEbxMAmlmAGG2MyQ3zZAA0CwOiSEmoKVuVz6U0xbHgm8uDBwPvicoaA==',
    ],
  },
  {
    // -9: wfse ml2
    text: randomBytes(7, 3000),
    frame: [
      'KLUv/QRghQ0ABiFOGIAnyQNEsayoO3yXEbiEkSXJZiBTMg+/tUgAQwBDAM6yLTX1Ubk+bxUL3kp60mxB+LIMj2stezdM/BEYCi744NxRpVMsCN',
      'NPqfTOojZlAUNQUBDAvCIwFGywwcdBNJ0XhO3m8pueCoVUt5NhppPKT1N3h27rZmRVEEaqfM76VO7mcqgKrqQlrB1NqiufSu7rKsfA/93MsiCc',
      'SzeL5S1Xt2Z48MGzebueFUS3Gs0rCF8Jc5Z85bgvtZfBOzRndywI59lVqZpK5n3yYDzaFJrRzkyZqnxfWHdmYEI92+8Lwld7ikY+Fbx54aaBDx',
      '7ahEYaGDhPpZcGGYMQMgghgxAGIQQyCIMQQiCEQRhkkEEgdGRIr6IrCG9+k+4q6fS0Icx5YUFYv3dcEx0UABWEjxArf6bSYmO6Bp4NNCigAqGy',
      'sQ4RIFhyHQPL/v/HGugAVQMegI8w2pXEOgA/oKASSAZKX8iYDjKNBjBAbRmdE6B0iNlFmgXLock60jM5qhdfxQi80CAJv3KShLdxbhxDPrLBi2',
      'R2O+gnX7m5DHDoUNsID1YMYHFmxHFvhs6jSA8zk1DFUg==',
    ],
  },
  {
    // -1: lit2.0 seq0
    text: randomBytes(8, 200),
    frame: [
      'KLUv/QRIbQIAIkUSFfBuzgMIksUZPcADTnyvA9SEjE3CAfhF4ijw7+zDxqgm4hNCzLtZ8Fdqjaet1xoOkSQHA4IUjoMweM85QWMsAFgpNTq8mq',
      'X8AQD59j0o',
    ],
  },
  {
    // -3: seq2 ll2
    text: randomBytes(10, 3000),
    frame: [
      'KLUv/QRYlQ8A1tBAOQBFbQ38h9P//////////3+YDi3XhvCChFOCQT81HQJrjcDeW44g/q7oosorpRTcB9BxDVoVkJ9SCj0AQQAqALvdhkYGhk',
      '53kcvhbjabRcV51ihotNlsQiIC4sFBJmtgiMUWFGCwhNcL4cDA1WKtVipVQSqFMs2TqUQijd5DQkHJJBIJdDz++PQYjcUikcizo5ODczMc2tQI',
      'hTQzMjEwL8EgEOjSwvL7raj4fCkoJ72eSQnJiEgIyIcHj9fBEX19/277t7Xv9n3b1619u50486y5WiwClHkymQZKpNE9YLlUKgUEAFBEFDsCBd',
      'zbt+vb9d3e9m3b9v/avmv7rv3Xt+/7D4CAqBFamqS0s3dwghEas3oSQDF6ksmhcySGtSrLZqEVoUX4EBE9rXfmDfa/zjmL+qLVR2TXuODuOr6+',
      'ORHASw2H4mKYXCklfFickkJgD2jfCd3A6QD0kcQkjDZsaX4+/ZxqQtGV+7XypwbYrloZpWhW2pqsOKWBg74JhUaJYpUiCyKG76++mDplK9OSXI',
      'KlfSP3IXCYkVq8rviMlNQ8/hkeAQ52nIJaTW9SfgCZ25a6Pgp7E+C9UdtiPLDyjivyIcY3bWMMgYplXMOGJBiLPh00JvOm1xiKrvJS/QOyxLY7',
      'KQrgYfQ/tOqpwEYVgOhGiQ==',
    ],
  },
  {
    // -9: lit2.2
    text: randomBytes(19, 3000),
    frame: [
      'KLUv/QRgJRsA6knACR+gJUkH/3/6/9Hq3Pihm6uwsv1eSillSlJaVazxab8NmQCRAI0AOXa1qpnoPAxp4pBVXFHGKZmBIMgMnWwOy5VUQiRqHr',
      't7tJs5i8OQu6ZdUiSlEX08NzVfM2c2wYpBsgMpiCXNHA2HIfN6fico7pXZ/kAo50jXG4aYbMO8tKJoHiwI0T29D0MonZMmGRK1vMv7BQYFQRAD',
      'mZnKqzsMMfpmjnIxVleAKRhQEGDpAoOCFARBiPo7h4Yhc/h0XqYBSTh4LEhB6lf7tVxjFwt03S8fCF266MnEmU/lKgrxBgtBzqzaz6HLxAQSOd',
      '0iYyZmTk8mV3FZd4mqxqhsGGIlUxZlSGQm1jo/mrGq8/phzfRsxkCOrrO7Gobk6QwtFfhCHxkZ29PgMKRma/7E4u5ZaKU0140VDkNwiGqJMhW9',
      'Cev6gmTOpd1oGFJX12zKkJh7Ar/McdopV9HytQ4Te3a2PTW5+FmmX7W5+q83SVaUqUSGVpV5dUyz7JxdvN7U84Yh6Ky8K7no/cP8Zcvyw5C0oh',
      '+KxZntasq2LJyahyF47dEuU+GzsXM1kBwrlymHIYnPn0tOTNZt2afmlR0bhiRZmZLkFYVENZ1+l9deFRnlFelCm7L9dT8OQ8yoNZagCAVAgGAA',
      'wADBAMFAQkJCC1yvZ3V0lGWLCUOrz+ARZo3dMGSKWfXFKrJ8vuNLc2h7peFhpTR59X9uVcMQoqcLSzZ4okFTh+Z+u7gCD33GF+JZtgZ9JEsrTF',
      'PVulQ0aTcWZackBVJrznkN6dKWtVhkM+modbPbCWuoSkzkJ4dyEGpVVleG6MuJ1q5sHo2M0CezxMqpUmookAKJZsrsEgChIT1Zbq/9fwOgIIJ1',
      'O96RqgcaOUYEOzcgT5QWBWXwU2eGQuLAMH25DAosK8CYb3CGZK2EkILrvtqMQiRHXKWKIwrH0KmddeFOQ+eKRXOPIn/emXB/pLgGFX1lLI3/ZV',
      'CdxlIJ0TcFEVbRwIOMowtKC2+EvrHOjqKCuA5DzCGNg4kg3Uaa/i7AG128ASOWJUZ6HGD4bVG/AB87qkvA02Mk+gdw4WjeKF1KoxiF5cBgDmmc',
      'STRG0HBRyfs6uFwvdfKTP3YzYQE7HIuZX27XZ8lyMObs9eKc1UUqMG8w/vru5ZU5FPHPDO9+X5g=',
    ],
  },
  {
    // -1: block0
    text: randomBytes(20, 200),
    frame: [
      'KLUv/QRIMQQALptiWJ4Ien+1UkJftwlSAr0JDIcwBmuRkx9AijEdtamdbZupcSIEVkg8WkMWR66acL8BwYB1VXMpMTIWMbBkjr2Thre6JDy+ST',
      'y/ATdIemAaT300G6I/GSIJixA+EJZoI6piwXuiTRmGd1A5YUYzmJmiLptiWJ4Ien+1LgECAQIAAgAALpuJgdvZ',
    ],
  },
  {
    // -19: lit0.0
    text: randomBytes(53, 200),
    frame: ['KLUv/QRo9QAAoAkUCAcGEhQQAgMIEwsUCAsNDwEuAwBAltcGzZthl18jug=='],
  },
  {
    // -19: ll1
    text: randomBytes(229, 3000),
    frame: ['KLUv/QRorQAAUFUAK8kA9/f3pDUFUAEAEoupp8xq/XcuWA=='],
  },
  {
    // -3: ml1
    text: randomBytes(734, 200),
    frame: ['KLUv/QRYhQEAdAIxNQsAAwADCQ8GAQsAAQALAAgCAAAKCgsAAAQRCgAAAAAJALCwMTUDFAABwoQDs1DJdQ=='],
  },
  {
    // -19 --target-compressed-block-size=1340: codes of earlier blocks
    text: variantLines(),
    frame: [
      'KLUv/WRMGgwqABp82A4ToCUpNqviTY5QKLt7p5T8P8vMCuQA5wDpAA234yFquHgrNWg9Gd40KiJUn2nw5itOQ65MKvbG0f38N4wlJG8U/ddHbp',
      'DUWNVuTMkyc22cNpNNG75ZZttAnPF1Y4cw+llnQ3jikZCNM5fZi2SpEHZlc3cMkvK0dEFz+/ToKzNj2HxxjNGpE9MY9HKqitEGCOHqWF4MtoZq',
      'KYaUZoSIiHHWqisxrHKyN4xiTfOZYZC0xmEMzYq0My697WeYP17JGaVXygxS+LLNEAYIQbsqujLOMkI3ZdgYpy2jAoYQa90YGUR2MiYgCDshk2',
      'T8vr+E4XtJZWE0IBBW5gYAECLCYJ35cV7OwwICIVRWf5S1ev4P6juX/2qcIl8I0yr2z5/ro2o2fdhUx36Ik9LU+ECUzDkvREmNTHghikdlyYXw',
      'z3TLhaDMre4cxCqyETrHUMpzLwgZ+mQ2hEzdzY5/aQ5ijoqmykGw5jGXhSAiGUp5CMvZiRwImvcqmaZMbhyIuZueMY9KHPdYV/cQY3Xqb/l7I3',
      'fYiJ2RHYSRzWibnfvVcWak1dRhZbRK6yiTPBsdROPT6ZgyOqFDrDQtcSD+vsbiIChjY3chRJd0QSfZe4E4G3qZyYjIWJlrWoUoy09VjTErOlfj',
      'NCmrVFO2yilmLh8yxT1Dq0kI6YjxSmHH8acU9GIpCCEiEyPFXdU+Se51JCQhoyMhkmtrISEsQs9dEG/ZNifE0Onsxa9mNwtiZMTqNoSdeKFNUe',
      'qqCY7cyDVxlvMdTRhJLdFEVe1TmiCyWmYzMfR5zkz8xMqZMM3qqj5BFL1O/hHCHivLJxA22og8ll89b9V6nV+RZzpD9EjO2Pm0NE7c6IY/Zwhi',
      'j0o48dpIydDU0ZaJ24R09yFqr7u5B2J4NO1dCPusY/Yh6ufY7THjOWkPkXvVhRh7y/UhTsQoUq/aJroQ5TKp9ED0xjybm3wB5urUgvjvOKyFGG',
      '1WNCHKTPI0IUgputBiSL0isSCpFYsFhe585w8NzVUc9T5eDTFm9ppV2GZuFSI0NLGiV51VFYhPye6qIEr611EJeyYqO+su1RBnQyKbCoLD8n0q',
      'SqjlVCDssk69eKNfgWB/eQlhRzy5gnCJq67olFwrqux4WkFFJWIrCPmtrlilWc8K26uEFeXQNZIK8vQpLRVS/+8o7nxrjsLoRelRVMVlsyBeIt',
      'NtiJuMToxoQ9cqCsTxY+MiqpEdUVkjiUiIn1xfokAUS65sKC7jygzF2W7MobCjm6E6Rc2lzqcgBoGEqBJAIFjUnGynSnOiXSFCytYDIhy1BxO7',
      'qKbjnXnbZ0oKV2eRtaCmr4xTFE/EGlog32N2zpMxjw1mCoEn2Pw9eIMARg1xJlERgxDKnabkUiWR+TJXsi59vD1HND4+7nVTK9xVrqBwDma+7s',
      'TgWVwowHiXm4ANPc0SLTuWx5hi6CD+d7PHmUjrfk0hIZoTUDtdZfEMbssGSCMwPBBciH8FMUhY27SGdRgouyKMBc9k6u3pU1zyNI/eJXp1RsD8',
      's8URuDy9ILMSfE1WcDBTXnGLiDYYwba0mak1DJ2NJ4N4U0Ht7ktclaQU4WmHI+bDgGbPoIQPYVkrBugWLF2oBT8DGsfv5oOrQpGi0c6KSfDOkr',
      'EQy7DhyrsLVCAt06nJCLvXBwuYwS39tOjEW5G1WlDEI0cqjRMBKvvtvZibOQRwaoZ2FK6NJlHvhFJSyjjC4OJtQ1lQhpm7Oc6xJXSM9KiuS8XL',
      'lQieJaaMC6rJPxzJdqLB4e8ibEvQxc2pFQzg+BlSzCVmphUNKQD7fcQO7ADoAOcAdSaFkLK8Qg5hdVJDwkAI1ZBVWDM074LOUp+LCpUVTwh3bs',
      'QsCN9Tvg1BHRK7uCrNHdWF2X91XdQIcY4uqIi8DV0Mx3KWLox1dpsL88r6XJTsCeeCHbPrF0SdePJvCBpJ3fnOcsk3xI1CU98QvIlZj+TMOL04',
      'f3f2wlfHKl5USqGcF3WThRe98hHJBVu0ucqF1MzVO4uz/WbOwoYzxrOoEp9mFlQs+y0QFJaYhQxJlYVpM2SXRWl0ZEGp90MWQhGyJaPR3NhYEK',
      'eTso8J0bEjOXZyp9etzjXlW/wcuYWrMiZbdF5UW9BuyrNatAG2y/jsGnUVda7Bq214QZRvtrLG2ZXxJoQQ6RdrIGxWVB3iwjtxdQgxTR81EO0Z',
      'aagzwiOVVmRtKsQRz+bTmKNHpsFW7qzekBLtfuPsRVPnBnGynZAb9pB1gyj3sjamXnRv40LksvVUp9hbbTZI6UnYELrOkzSObqrSIOj65G6Im+',
      'l5LhBErSFeEFKzVxbEXZ7eAnEjf8QoRK2EjIomlKOLQVDdfsQh7mqtId6PpMS44W3DIEuZPoyao50Mg3hSt84YitX4jNu47Myw0ZBkRmk7v2aQ',
      'HVdZGZ9fZcogqGiapRC+zanIIHgB5D2kdGNU9jAho7M9iGuPKvaYemaoHmJUttbDVVM8eiCG/tCHEPqddCHo6m5zIaS+8+dDmDaSzIt2Hv1C3D',
      '1T/+fdnG+djz+E2YzrszW3Pgi5Iet9EC6RhD2V5eKjRXci88EOp3fykLLGJXnc624qD5OPmZ2jXivnhHCZzHk0h1U2ROknucn5WsxhClE5aCO9',
      'lsOuWo8cJzTNkIs9I1kIlxxp47ndf9waupKxGaVuIVjW2bd4WnR2z7+xhZCqU2sLMeKhsVrotNeB6FyZrMM+Ry96iKu6Mh2Is68idAztqCZxvG',
      'hnqjgCAUNI6zEVBeIzRdSiQLjIOyMKO1WHKAij+Q2JAiEumdVQIGqe8UNhY63LkJFc0SnOSHyKsrx8phgXTWMKK/kcTVF3q1YKRNHzUpx6NykF',
      'QWc3LFIg6tY3aYiPuHVCQ4x8LiREHrlCQfzoJrsQo/uNEKfaypu6s6csECf3zBa/nCk2VHSnmiiiuVojRJF7cjRCHBE9NEPMpUykEWLo86uZIG',
      '7l62cCMVZ3ZEZ8MvoMwdKkP0PYmH6eIG+qajxVRqlHiPmVbJ0gSpehdy6mk06QCLXFEYLqxpx4xWYnEx7zSSbIiCoTNZvtHq2ZTuYeJIkCgZX8',
      'JiGdlsJoWqOOAv6Bm9WdMGSknydINct+i3vBAqHrzcEvJ6kZHMahZxUTC7qlxEEJpXhkO0CC4YA1SZB2SungThAyz1l2JHyXya7apFEZV/CtlN',
      'sCLvEhFSEpoJGuXz7LRQB0adwgQFZJADD467Za4Ay4NKWo635IxBtT7UyrHDqc8Y2tJVEwZ+u7lfJQWPHivZhy5USM8F/k2Aj2WEuWR6+tVv1H',
      'VmWME4dmfVhRix9B5FMG6bVLQhggANvUuZGBLbyD+Rw9wJq8OkOpY+0LCu1SPha2btJvQmWYvS+VI9TNFyGrBS0ymFZA7KBMiIjpEB+d43mw9A',
      '/QDUMpmalYDX4EAYKuEm+ZmWdcCKzIJm5CdCRldmAOLDj/wQHvdvokjQdmDYmlG+QAlCFeKWfgXG6zBdsBxp92+PSOGAldP/U7c2cwInSG23ze',
      'dpiWymhoM65ODGCLFIQ5Ngg607/QXLs5XwH9FHTdcjJPQx4=',
    ],
  },
]
