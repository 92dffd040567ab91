"""The product beside its peers on the same streets and stations: ``make bench``.

``places`` makes the inputs, ``peers`` are whole jobs and ``stages`` single steps, each run in a process of its own by
``measure``; ``rows`` lists what is compared, ``table`` prints it. This process itself imports nothing heavy: what a
child holds is then its own.
"""
