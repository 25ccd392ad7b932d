"""Rewrites a shared library's packed relative relocations (DT_RELR) as plain ones: musl before 1.2.4 ignores the former."""

import sys

import lief
from lief import ELF

RELATIVE = {ELF.ARCH.X86_64: ELF.Relocation.TYPE.X86_64_RELATIVE, ELF.ARCH.AARCH64: ELF.Relocation.TYPE.AARCH64_RELATIVE}


def places(entries, word=8):
    """Addresses that the packed words stand for: an address, then bitmaps of the 63 words after it."""
    at = 0
    for entry in entries:
        if entry & 1 == 0:
            yield entry
            at = entry + word
        else:
            for bit in range(63):
                if entry >> (bit + 1) & 1:
                    yield at + bit * word
            at += 63 * word


def convert(file):
    library = lief.parse(file)
    if library is None:
        sys.exit(f"{file}: no ELF file")
    if not library.has(ELF.DynamicEntry.TAG.RELR):
        return

    def value(tag):
        return library.get(tag).value

    def words(at, size):
        raw = bytes(library.get_content_from_virtual_address(at, size))
        return [int.from_bytes(raw[i : i + 8], "little") for i in range(0, size, 8)]

    packed = words(value(ELF.DynamicEntry.TAG.RELR), value(ELF.DynamicEntry.TAG.RELRSZ))
    kind = RELATIVE[library.header.machine_type]
    found = [(place, words(place, 8)[0]) for place in places(packed)]
    for place, addend in found:
        relocation = ELF.Relocation(place, kind, ELF.Relocation.ENCODING.RELA)
        relocation.addend = addend
        library.add_dynamic_relocation(relocation)
    config = ELF.Builder.config_t()
    config.relr = False
    for tag in ("RELR", "RELRSZ", "RELRENT"):
        entry = library.get(getattr(ELF.DynamicEntry.TAG, tag))
        if entry is not None:
            library.remove(entry)
    builder = ELF.Builder(library, config) if hasattr(ELF.Builder, "config_t") else ELF.Builder(library)
    try:
        builder.build()
    except TypeError:
        builder.build(config)
    builder.write(file)
    print(f"{file}: {len(found)} relocations")


for name in sys.argv[1:]:
    convert(name)
