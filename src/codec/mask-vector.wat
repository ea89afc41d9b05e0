;; Masking, 16 bytes an instruction. `npm run build:wasm` puts the machine form of this file into mask-vector.ts.
(module
  ;; One page: bytes are copied in to 0, masked, and copied out. What lies behind those, nobody reads.
  (memory (export "memory") 1 1)

  ;; 16 bytes of ones, then of zeros: the 16 bytes from 32,784 - n on let the first n bytes of a vector through.
  (data (i32.const 32768) "\ff\ff\ff\ff\ff\ff\ff\ff\ff\ff\ff\ff\ff\ff\ff\ff\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00")

  ;; XORs the bytes from 0 to $end with the key, and up to 63 more.
  (func (export "xor") (param $end i32) (param $key i32)
    (local $at i32)
    (local $keys v128)
    (local.set $keys (i32x4.splat (local.get $key)))
    (loop $step
      (v128.store (local.get $at) (v128.xor (v128.load (local.get $at)) (local.get $keys)))
      (v128.store offset=16 (local.get $at) (v128.xor (v128.load offset=16 (local.get $at)) (local.get $keys)))
      (v128.store offset=32 (local.get $at) (v128.xor (v128.load offset=32 (local.get $at)) (local.get $keys)))
      (v128.store offset=48 (local.get $at) (v128.xor (v128.load offset=48 (local.get $at)) (local.get $keys)))
      (br_if $step
        (i32.lt_u
          (local.tee $at (i32.add (local.get $at) (i32.const 64)))
          (local.get $end)))))

  ;; Masked frames from 0 on, headers included (RFC 6455 §5.2): unmasks one after another for as long as the next begins with
  ;; the byte $first, has at most $most bytes of payload, in the shortest form of their length, and ends before $end.
  ;; Returns where the last of them ends.
  (func (export "frames") (param $end i32) (param $first i32) (param $most i32) (result i32)
    (local $at i32)
    (local $payload i32)
    (local $length i32)
    (local $next i32)
    (local $keys v128)
    (block $done
      (loop $frame
        (br_if $done (i32.gt_u (i32.add (local.get $at) (i32.const 6)) (local.get $end)))
        (br_if $done (i32.ne (i32.load8_u (local.get $at)) (local.get $first)))
        ;; Below zero without the mask bit, so larger than any length that is allowed.
        (local.set $length (i32.sub (i32.load8_u offset=1 (local.get $at)) (i32.const 128)))
        (local.set $payload (i32.add (local.get $at) (i32.const 6)))
        (if (i32.eq (local.get $length) (i32.const 126))
          (then
            (local.set $length
              (i32.or
                (i32.shl (i32.load8_u offset=2 (local.get $at)) (i32.const 8))
                (i32.load8_u offset=3 (local.get $at))))
            (br_if $done (i32.lt_u (local.get $length) (i32.const 126)))
            (local.set $payload (i32.add (local.get $at) (i32.const 8))))
          (else
            (br_if $done (i32.eq (local.get $length) (i32.const 127)))))
        (br_if $done (i32.gt_u (local.get $length) (local.get $most)))
        (local.set $next (i32.add (local.get $payload) (local.get $length)))
        (br_if $done (i32.gt_u (local.get $next) (local.get $end)))
        (local.set $keys (v128.load32_splat (i32.sub (local.get $payload) (i32.const 4))))
        ;; Whole vectors, then as much of one as is left.
        (local.set $length (i32.and (local.get $length) (i32.const 15)))
        (block $whole
          (loop $vector
            (br_if $whole
              (i32.ge_u (local.get $payload) (i32.sub (local.get $next) (local.get $length))))
            (v128.store (local.get $payload) (v128.xor (v128.load (local.get $payload)) (local.get $keys)))
            (local.set $payload (i32.add (local.get $payload) (i32.const 16)))
            (br $vector)))
        (v128.store
          (local.get $payload)
          (v128.xor
            (v128.load (local.get $payload))
            (v128.and (local.get $keys) (v128.load (i32.sub (i32.const 32784) (local.get $length))))))
        (local.set $at (local.get $next))
        (br $frame)))
    (local.get $at))

  ;; The frames from 0 on that `frames` would unmask, as a server sends them: puts them, plain and without a key, behind each
  ;; other from 36,864 on. Stops as well before a payload with any of the bits of $refused, 0x80808080 for all but ASCII.
  ;; Returns where the last of them ends, plus 65,536 for each: what was put there is 4 bytes shorter for each.
  (func (export "reframe") (param $end i32) (param $first i32) (param $most i32) (param $refused i32) (result i32)
    (local $at i32)
    (local $payload i32)
    (local $length i32)
    (local $next i32)
    (local $to i32)
    (local $put i32)
    (local $count i32)
    (local $keys v128)
    (local $plain v128)
    (local $seen v128)
    (local.set $to (i32.const 36864))
    (block $done
      (loop $frame
        (br_if $done (i32.gt_u (i32.add (local.get $at) (i32.const 6)) (local.get $end)))
        (br_if $done (i32.ne (i32.load8_u (local.get $at)) (local.get $first)))
        (local.set $length (i32.sub (i32.load8_u offset=1 (local.get $at)) (i32.const 128)))
        (local.set $payload (i32.add (local.get $at) (i32.const 6)))
        (local.set $put (i32.add (local.get $to) (i32.const 2)))
        (if (i32.eq (local.get $length) (i32.const 126))
          (then
            (local.set $length
              (i32.or
                (i32.shl (i32.load8_u offset=2 (local.get $at)) (i32.const 8))
                (i32.load8_u offset=3 (local.get $at))))
            (br_if $done (i32.lt_u (local.get $length) (i32.const 126)))
            (local.set $payload (i32.add (local.get $at) (i32.const 8)))
            (local.set $put (i32.add (local.get $to) (i32.const 4))))
          (else
            (br_if $done (i32.eq (local.get $length) (i32.const 127)))))
        (br_if $done (i32.gt_u (local.get $length) (local.get $most)))
        (local.set $next (i32.add (local.get $payload) (local.get $length)))
        (br_if $done (i32.gt_u (local.get $next) (local.get $end)))
        ;; The header without its mask bit. Where it has two bytes, payload comes over the other two.
        (i32.store (local.get $to) (i32.and (i32.load (local.get $at)) (i32.const 0xffff7fff)))
        (local.set $keys (v128.load32_splat (i32.sub (local.get $payload) (i32.const 4))))
        (local.set $seen (v128.const i32x4 0 0 0 0))
        (local.set $length (i32.and (local.get $length) (i32.const 15)))
        (block $whole
          (loop $vector
            (br_if $whole
              (i32.ge_u (local.get $payload) (i32.sub (local.get $next) (local.get $length))))
            (local.set $plain (v128.xor (v128.load (local.get $payload)) (local.get $keys)))
            (v128.store (local.get $put) (local.get $plain))
            (local.set $seen (v128.or (local.get $seen) (local.get $plain)))
            (local.set $payload (i32.add (local.get $payload) (i32.const 16)))
            (local.set $put (i32.add (local.get $put) (i32.const 16)))
            (br $vector)))
        ;; What comes behind the last bytes is written over by the next frame, or never read.
        (local.set $plain
          (v128.and
            (v128.xor (v128.load (local.get $payload)) (local.get $keys))
            (v128.load (i32.sub (i32.const 32784) (local.get $length)))))
        (v128.store (local.get $put) (local.get $plain))
        (br_if $done
          (v128.any_true
            (v128.and (v128.or (local.get $seen) (local.get $plain)) (i32x4.splat (local.get $refused)))))
        (local.set $at (local.get $next))
        (local.set $to (i32.add (local.get $put) (local.get $length)))
        (local.set $count (i32.add (local.get $count) (i32.const 65536)))
        (br $frame)))
    (i32.or (local.get $at) (local.get $count))))
