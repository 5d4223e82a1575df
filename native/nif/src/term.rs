//! Values as terms: one serde serializer for every typed reply.
//!
//! A struct becomes a map whose keys are its field names as atoms; they come from our own code, so no
//! atom is ever made from outside data. Maps with dynamic keys keep binaries. `None` and null become
//! `undefined`, text a binary, a unit variant its name as an atom.

use std::{
    cell::RefCell,
    collections::{HashMap, hash_map::Entry},
    fmt::{self, Display},
};

use bytes::Bytes;
use hexide_core::hex;
use rustler::{Atom, Encoder, Env, NewBinary, NifResult, Resource, ResourceArc, Term};
use serde::{
    Serialize,
    ser::{self, Impossible},
};

mod atoms {
    rustler::atoms! { undefined }
}

/// A typed value on its way to Erlang.
pub struct Typed<T>(pub T);

impl<T: Serialize> Encoder for Typed<T> {
    fn encode<'a>(&self, env: Env<'a>) -> Term<'a> {
        self.0.serialize(Serializer { env }).unwrap_or_else(|_| atoms::undefined().encode(env))
    }
}

/// Bytes that Erlang reads where they are, without a copy: the binary keeps them alive.
pub struct Blob(pub Bytes);

#[rustler::resource_impl]
impl Resource for Blob {}

impl Encoder for Blob {
    fn encode<'a>(&self, env: Env<'a>) -> Term<'a> {
        ResourceArc::new(Blob(self.0.clone())).make_binary(env, |blob| &blob.0).encode(env)
    }
}

thread_local! {
    /// The atoms of our own names, by where the name stands: the node's table of atoms is locked, and compares texts.
    static NAMES: RefCell<HashMap<(*const u8, usize), Atom>> = RefCell::default();
}

/// The atom of a name of our own.
pub fn atom(env: Env<'_>, name: &'static str) -> NifResult<Atom> {
    NAMES.with_borrow_mut(|names| match names.entry((name.as_ptr(), name.len())) {
        Entry::Occupied(known) => Ok(*known.get()),
        Entry::Vacant(new) => Ok(*new.insert(Atom::from_str(env, name)?)),
    })
}

/// Text as a binary.
pub fn text<'a>(env: Env<'a>, text: &str) -> Term<'a> {
    binary(env, text.as_bytes())
}

/// Bytes as a binary.
pub fn binary<'a>(env: Env<'a>, bytes: &[u8]) -> Term<'a> {
    NewBinary::from_slice(env, bytes).into()
}

/// Bytes as lower-case hexadecimal text.
pub fn hex<'a>(env: Env<'a>, bytes: &[u8]) -> Term<'a> {
    let mut text = NewBinary::new(env, bytes.len() * 2);
    hex::write_lower(bytes, text.as_mut_slice());
    text.into()
}

/// A map of pairs; later ones win.
pub fn map<'a>(env: Env<'a>, pairs: &[(Atom, Term<'a>)]) -> Term<'a> {
    let (keys, values): (Vec<_>, Vec<_>) = pairs.iter().map(|(key, value)| (key.encode(env), *value)).unzip();
    Term::map_from_term_arrays(env, &keys, &values).unwrap_or_else(|_| {
        // A key stands there twice.
        pairs.iter().fold(Term::map_new(env), |map, (key, value)| map.map_put(*key, *value).unwrap_or(map))
    })
}

/// Why a value has no term: its serialization said so. No type of ours does.
#[derive(Debug)]
pub struct Unserializable;

impl Display for Unserializable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the value has no term")
    }
}

impl std::error::Error for Unserializable {}

impl ser::Error for Unserializable {
    fn custom<T: Display>(_: T) -> Self {
        Unserializable
    }
}

type Outcome<'a> = Result<Term<'a>, Unserializable>;

#[derive(Clone, Copy)]
struct Serializer<'a> {
    env: Env<'a>,
}

impl<'a> Serializer<'a> {
    fn atom(self, name: &'static str) -> Outcome<'a> {
        atom(self.env, name).map(|atom| atom.encode(self.env)).map_err(|_| Unserializable)
    }

    fn items(self, size: Option<usize>) -> Items<'a> {
        Items { env: self.env, items: Vec::with_capacity(size.unwrap_or(0).min(1024)) }
    }

    fn pairs(self, size: Option<usize>) -> Pairs<'a> {
        let room = size.unwrap_or(0).min(1024);
        Pairs { env: self.env, keys: Vec::with_capacity(room), values: Vec::with_capacity(room) }
    }
}

/// Methods that encode a plain value through rustler.
macro_rules! plain {
    ($($method:ident: $type:ty),+) => {
        $(fn $method(self, value: $type) -> Outcome<'a> { Ok(value.encode(self.env)) })+
    };
}

impl<'a> ser::Serializer for Serializer<'a> {
    type Ok = Term<'a>;
    type Error = Unserializable;
    type SerializeSeq = Items<'a>;
    type SerializeTuple = Items<'a>;
    type SerializeTupleStruct = Items<'a>;
    type SerializeTupleVariant = Impossible<Term<'a>, Unserializable>;
    type SerializeMap = Pairs<'a>;
    type SerializeStruct = Pairs<'a>;
    type SerializeStructVariant = Impossible<Term<'a>, Unserializable>;

    plain! {
        serialize_bool: bool, serialize_i8: i8, serialize_i16: i16, serialize_i32: i32, serialize_i64: i64,
        serialize_u8: u8, serialize_u16: u16, serialize_u32: u32, serialize_u64: u64,
        serialize_f32: f32, serialize_f64: f64
    }

    fn serialize_char(self, value: char) -> Outcome<'a> {
        self.serialize_str(value.encode_utf8(&mut [0; 4]))
    }
    fn serialize_str(self, value: &str) -> Outcome<'a> {
        Ok(text(self.env, value))
    }
    fn serialize_bytes(self, value: &[u8]) -> Outcome<'a> {
        Ok(binary(self.env, value))
    }
    fn serialize_none(self) -> Outcome<'a> {
        self.serialize_unit()
    }
    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Outcome<'a> {
        value.serialize(self)
    }
    fn serialize_unit(self) -> Outcome<'a> {
        Ok(atoms::undefined().encode(self.env))
    }
    fn serialize_unit_struct(self, name: &'static str) -> Outcome<'a> {
        self.atom(name)
    }
    fn serialize_unit_variant(self, _: &'static str, _: u32, variant: &'static str) -> Outcome<'a> {
        self.atom(variant)
    }
    fn serialize_newtype_struct<T: Serialize + ?Sized>(self, _: &'static str, value: &T) -> Outcome<'a> {
        value.serialize(self)
    }
    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        value: &T,
    ) -> Outcome<'a> {
        Ok((self.atom(variant)?, value.serialize(self)?).encode(self.env))
    }
    fn serialize_seq(self, size: Option<usize>) -> Result<Items<'a>, Unserializable> {
        Ok(self.items(size))
    }
    fn serialize_tuple(self, size: usize) -> Result<Items<'a>, Unserializable> {
        Ok(self.items(Some(size)))
    }
    fn serialize_tuple_struct(self, _: &'static str, size: usize) -> Result<Items<'a>, Unserializable> {
        Ok(self.items(Some(size)))
    }
    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Self::SerializeTupleVariant, Unserializable> {
        Err(Unserializable)
    }
    fn serialize_map(self, size: Option<usize>) -> Result<Pairs<'a>, Unserializable> {
        Ok(self.pairs(size))
    }
    fn serialize_struct(self, _: &'static str, size: usize) -> Result<Pairs<'a>, Unserializable> {
        Ok(self.pairs(Some(size)))
    }
    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Self::SerializeStructVariant, Unserializable> {
        Err(Unserializable)
    }
}

/// A sequence under way, to become a list; a Rust tuple becomes an Erlang tuple.
struct Items<'a> {
    env: Env<'a>,
    items: Vec<Term<'a>>,
}

impl<'a> Items<'a> {
    fn push<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Unserializable> {
        self.items.push(value.serialize(Serializer { env: self.env })?);
        Ok(())
    }

    fn tuple(self) -> Term<'a> {
        rustler::types::tuple::make_tuple(self.env, &self.items)
    }
}

impl<'a> ser::SerializeSeq for Items<'a> {
    type Ok = Term<'a>;
    type Error = Unserializable;
    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Unserializable> {
        self.push(value)
    }
    fn end(self) -> Outcome<'a> {
        Ok(self.items.encode(self.env))
    }
}

impl<'a> ser::SerializeTuple for Items<'a> {
    type Ok = Term<'a>;
    type Error = Unserializable;
    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Unserializable> {
        self.push(value)
    }
    fn end(self) -> Outcome<'a> {
        Ok(self.tuple())
    }
}

impl<'a> ser::SerializeTupleStruct for Items<'a> {
    type Ok = Term<'a>;
    type Error = Unserializable;
    fn serialize_field<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Unserializable> {
        self.push(value)
    }
    fn end(self) -> Outcome<'a> {
        Ok(self.tuple())
    }
}

/// A map under way.
struct Pairs<'a> {
    env: Env<'a>,
    keys: Vec<Term<'a>>,
    values: Vec<Term<'a>>,
}

impl<'a> Pairs<'a> {
    fn value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Unserializable> {
        self.values.push(value.serialize(Serializer { env: self.env })?);
        Ok(())
    }

    fn map(self) -> Outcome<'a> {
        Term::map_from_term_arrays(self.env, &self.keys, &self.values).map_err(|_| Unserializable)
    }
}

impl<'a> ser::SerializeMap for Pairs<'a> {
    type Ok = Term<'a>;
    type Error = Unserializable;
    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), Unserializable> {
        self.keys.push(key.serialize(Serializer { env: self.env })?);
        Ok(())
    }
    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Unserializable> {
        self.value(value)
    }
    fn end(self) -> Outcome<'a> {
        self.map()
    }
}

impl<'a> ser::SerializeStruct for Pairs<'a> {
    type Ok = Term<'a>;
    type Error = Unserializable;
    fn serialize_field<T: Serialize + ?Sized>(
        &mut self,
        name: &'static str,
        value: &T,
    ) -> Result<(), Unserializable> {
        self.keys.push(Serializer { env: self.env }.atom(name)?);
        self.value(value)
    }
    fn end(self) -> Outcome<'a> {
        self.map()
    }
}
