"""Signatures of BIP-340 on secp256k1, verified as its text defines it; for examples alone, slow and not constant in time."""

from __future__ import annotations

import hashlib

P = 2**256 - 2**32 - 977
N = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
G = (
    0x79BE667EF9DCBBAC55A06295CE870B07029BFCDB2DCE28D959F2815B16F81798,
    0x483ADA7726A3C4655DA4FBFC0E1108A8FD17B448A68554199C47D08FFB10D4B8,
)
Point = tuple[int, int] | None


def verifies(public_key: str, message: str, signature: str) -> bool:
    """Whether a signature of a 32-byte message verifies; all three in hexadecimal."""
    key = _lifted(int(public_key, 16))
    r, s = int(signature[:64], 16), int(signature[64:], 16)
    if key is None or r >= P or s >= N:
        return False
    challenge = _tagged("BIP0340/challenge", bytes.fromhex(signature[:64] + public_key + message))
    point = _added(_multiplied(G, s), _multiplied(key, N - challenge % N))
    return point is not None and point[1] % 2 == 0 and point[0] == r


def _lifted(x: int) -> Point:
    square = (pow(x, 3, P) + 7) % P
    y = pow(square, (P + 1) // 4, P)
    if x >= P or y * y % P != square:
        return None
    return x, y if y % 2 == 0 else P - y


def _tagged(tag: str, data: bytes) -> int:
    prefix = hashlib.sha256(tag.encode()).digest()
    return int.from_bytes(hashlib.sha256(prefix + prefix + data).digest(), "big")


def _added(a: Point, b: Point) -> Point:
    if a is None or b is None:
        return b if a is None else a
    if a[0] == b[0] and a[1] != b[1]:
        return None
    slope = (3 * a[0] * a[0] * pow(2 * a[1], -1, P) if a == b else (b[1] - a[1]) * pow(b[0] - a[0], -1, P)) % P
    x = (slope * slope - a[0] - b[0]) % P
    return x, (slope * (a[0] - x) - a[1]) % P


def _multiplied(point: Point, times: int) -> Point:
    total: Point = None
    while times:
        if times & 1:
            total = _added(total, point)
        point, times = _added(point, point), times >> 1
    return total
