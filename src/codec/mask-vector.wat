;; Masking, 64 bytes a step. `npm run build:wasm` puts the machine form of this file into mask-vector.ts.
(module
  ;; One page: bytes are copied in, masked, and copied out.
  (memory (export "memory") 1 1)

  ;; XORs the bytes from 0 to $end with the key, and up to 63 more, which nobody reads.
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
          (local.get $end))))))
