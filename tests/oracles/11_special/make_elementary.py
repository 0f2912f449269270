#!/usr/bin/env python3
"""Elementary functions and large-parameter tails. mpmath 1.3.0, 60 working digits, printed to 25; arguments are exact
doubles in shortest round-trip form. Writes expected_elementary.tsv and expected_large.tsv."""
import random, sys, mpmath as mp
mp.mp.dps = 60
rng = random.Random(20240816)
def signed(x): return x if rng.random() < .5 else -x
def series(a, b, x):
    """I_x(a, b) for x below the mean: all terms positive."""
    term = total = mp.mpf(1); n = 0
    while term > total * mp.mpf(10) ** -50:
        term *= (a + b + n) / (a + 1 + n) * x; total += term; n += 1
    return mp.exp(a * mp.log(x) + b * mp.log(1 - x) + mp.loggamma(a + b) - mp.loggamma(a + 1) - mp.loggamma(b)) * total
def beta(a, b, x):
    a, b, x = mp.mpf(a), mp.mpf(b), mp.mpf(x)
    return series(a, b, x) if x < a / (a + b) else 1 - series(b, a, 1 - x)
def span(a, b): return 10 ** rng.uniform(a, b)
out = open('expected_elementary.tsv', 'w'); out.write('function\tx\ty\tvalue\n')
def row(name, x, y, v): out.write(f'{name}\t{x!r}\t{y!r}\t{mp.nstr(v, 25)}\n')
for _ in range(200):
    x = signed(span(-8, 2.85)); row('exp', x, 0.0, mp.exp(mp.mpf(x)))
    x = signed(span(-12, 1.5)); row('expm1', x, 0.0, mp.expm1(mp.mpf(x)))
    x = span(-300, 300) if rng.random() < .5 else 1 + signed(span(-10, -.4)); row('log', x, 0.0, mp.log(mp.mpf(x)))
    x = signed(span(-12, -.01)) if rng.random() < .7 else span(0, 15); row('log1p', x, 0.0, mp.log1p(mp.mpf(x)))
    x = signed(span(-5, 6)); row('sin', x, 0.0, mp.sin(mp.mpf(x)))
    x = signed(span(-5, 6)); row('cos', x, 0.0, mp.cos(mp.mpf(x)))
    x = span(-5, 5); y = signed(span(-3, 1.7)); row('pow', x, y, mp.power(mp.mpf(x), mp.mpf(y)))
    x = 1 + signed(span(-7, -3)); y = signed(span(0, 5)); row('pow', x, y, mp.power(mp.mpf(x), mp.mpf(y)))
    n = int(span(.5, 5)); k = rng.randint(0, n); row('logChoose', float(n), float(k), mp.log(mp.binomial(n, k)))
out.close()
out = open('expected_large.tsv', 'w'); out.write('function\tx\ta\tb\tlog_value\n')
def big(name, x, a, b, v): out.write(f'{name}\t{x!r}\t{a!r}\t{b!r}\t{mp.nstr(v, 25)}\n')
for _ in range(20):
    df = span(1, 5); x = df + rng.uniform(-4, 8) * (2 * df) ** .5
    if x > 0: big('chiSquareLogTail', x, df, 0.0, mp.log(mp.gammainc(mp.mpf(df) / 2, mp.mpf(x) / 2, regularized=True)))
    df = span(0, 6); t = signed(span(-2, 1.5))
    z = mp.mpf(df) / (mp.mpf(df) + mp.mpf(t) ** 2)
    tail = beta(mp.mpf(df) / 2, mp.mpf(1) / 2, z) / 2
    big('studentLogTail', t, df, 0.0, mp.log(tail if t > 0 else 1 - tail))
    n = int(span(1.5, 6)); p = rng.random() ** 3; k = min(n, max(0, int(n * p + rng.uniform(-6, 6) * (n * p * (1 - p)) ** .5)))
    big('binomialLogPmf', float(k), float(n), p, mp.log(mp.binomial(n, k)) + k * mp.log(mp.mpf(p)) + (n - k) * mp.log1p(-mp.mpf(p)))
    a = span(1, 4); b = span(-1, 4); m = a / (a + b); x = min(.999999, max(1e-6, m + rng.uniform(-5, 5) * (m * (1 - m) / (a + b + 1)) ** .5))
    big('logBetaIncomplete', x, a, b, mp.log(beta(a, b, x)))
out.close()
