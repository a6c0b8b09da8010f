// SHA-256, because `crypto.subtle` is missing on insecure pages.

/** The first 32 bits of the fractional part of a number. */
function fraction(number) {
  return (number - Math.floor(number)) * 2 ** 32 | 0;
}

function isPrime(number) {
  for (let divisor = 2; divisor * divisor <= number; divisor++) if (number % divisor === 0) return false;
  return true;
}

const PRIMES = Array.from({ length: 310 }, (_, index) => index + 2).filter(isPrime);

/** The digest of a text as hexadecimal digits (FIPS 180-4). */
function sha256(text) {
  const bytes = new TextEncoder().encode(text);
  // Padding: a 1 bit, zeros, and the text's length in bits at the end of the last block.
  const padded = new DataView(new ArrayBuffer(Math.ceil((bytes.length + 9) / 64) * 64));
  new Uint8Array(padded.buffer).set(bytes);
  padded.setUint8(bytes.length, 0x80);
  padded.setUint32(padded.byteLength - 4, bytes.length * 8);

  const rotate = (word, bits) => (word >>> bits) | (word << (32 - bits));
  const hash = PRIMES.slice(0, 8).map((prime) => fraction(Math.sqrt(prime)));
  for (let block = 0; block < padded.byteLength; block += 64) {
    const words = [];
    let [a, b, c, d, e, f, g, h] = hash;
    for (let round = 0; round < 64; round++) {
      if (round < 16) {
        words[round] = padded.getInt32(block + 4 * round);
      } else {
        const [early, late] = [words[round - 15], words[round - 2]];
        const mixedEarly = rotate(early, 7) ^ rotate(early, 18) ^ (early >>> 3);
        const mixedLate = rotate(late, 17) ^ rotate(late, 19) ^ (late >>> 10);
        words[round] = (words[round - 16] + mixedEarly + words[round - 7] + mixedLate) | 0;
      }
      const sumE = rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25);
      const one = h + sumE + ((e & f) ^ (~e & g)) + fraction(Math.cbrt(PRIMES[round])) + words[round];
      const sumA = rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22);
      const other = sumA + ((a & b) ^ (a & c) ^ (b & c));
      [h, g, f, e, d, c, b, a] = [g, f, e, (d + one) | 0, c, b, a, (one + other) | 0];
    }
    [a, b, c, d, e, f, g, h].forEach((word, index) => (hash[index] = (hash[index] + word) | 0));
  }
  return hash.map((word) => (word >>> 0).toString(16).padStart(8, "0")).join("");
}
