//! Query strings as a tree, and the tree as whatever a filter struct wants.

use std::collections::BTreeMap;

use serde::Deserializer;
use serde::de::value::{MapDeserializer, SeqDeserializer};
use serde::de::{DeserializeSeed, EnumAccess, Error as _, IntoDeserializer, VariantAccess, Visitor};
use serde::forward_to_deserialize_any;

/// Why a query cannot be read.
pub(super) type QueryError = serde::de::value::Error;

/// A parameter: `status=a` is a text, `created[gte]=a` a text in a group, `expand[]=a` a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Node {
    Text(String),
    Group(BTreeMap<String, Node>),
    List(Vec<Node>),
}

/// Adds one parameter. The fault, when there is one, is in the parameter's name or that it is there twice.
pub(super) fn insert(
    tree: &mut BTreeMap<String, Node>,
    name: &str,
    value: String,
) -> Result<(), &'static str> {
    let Some((group, rest)) = name.split_once('[') else {
        return match tree.insert(name.to_owned(), Node::Text(value)) {
            None => Ok(()),
            Some(_) => Err("is there more than once"),
        };
    };
    let inner = rest
        .strip_suffix(']')
        .filter(|inner| !inner.contains(['[', ']']))
        .ok_or("has unbalanced brackets")?;
    if inner.is_empty() {
        return match tree.entry(group.to_owned()).or_insert_with(|| Node::List(Vec::new())) {
            Node::List(items) => {
                items.push(Node::Text(value));
                Ok(())
            }
            _ => Err("is there in two forms"),
        };
    }
    match tree.entry(group.to_owned()).or_insert_with(|| Node::Group(BTreeMap::new())) {
        Node::Group(fields) => match fields.insert(inner.to_owned(), Node::Text(value)) {
            None => Ok(()),
            Some(_) => Err("is there more than once"),
        },
        _ => Err("is there in two forms"),
    }
}

impl IntoDeserializer<'_, QueryError> for Node {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

impl Node {
    fn into_text(self) -> Result<String, QueryError> {
        match self {
            Self::Text(text) => Ok(text),
            Self::Group(_) | Self::List(_) => Err(QueryError::custom("must be one plain value")),
        }
    }
}

macro_rules! parsed {
    ($($method:ident, $visit:ident, $wanted:literal;)*) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, QueryError> {
            let parsed = self.into_text()?.parse().map_err(|_| QueryError::custom($wanted))?;
            visitor.$visit(parsed)
        }
    )*};
}

impl<'de> Deserializer<'de> for Node {
    type Error = QueryError;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, QueryError> {
        match self {
            Self::Text(text) => visitor.visit_string(text),
            Self::Group(fields) => visitor.visit_map(MapDeserializer::new(fields.into_iter())),
            Self::List(items) => visitor.visit_seq(SeqDeserializer::new(items.into_iter())),
        }
    }

    parsed! {
        deserialize_bool, visit_bool, "must be true or false";
        deserialize_i8, visit_i8, "must be a whole number";
        deserialize_i16, visit_i16, "must be a whole number";
        deserialize_i32, visit_i32, "must be a whole number";
        deserialize_i64, visit_i64, "must be a whole number";
        deserialize_u8, visit_u8, "must be a whole number that is not negative";
        deserialize_u16, visit_u16, "must be a whole number that is not negative";
        deserialize_u32, visit_u32, "must be a whole number that is not negative";
        deserialize_u64, visit_u64, "must be a whole number that is not negative";
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, QueryError> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, QueryError> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, QueryError> {
        match self {
            Self::List(_) => self.deserialize_any(visitor),
            // `status=a` where several are allowed.
            one => Self::List(vec![one]).deserialize_any(visitor),
        }
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, QueryError> {
        visitor.visit_enum(Word(self.into_text()?))
    }

    forward_to_deserialize_any! {
        i128 u128 f32 f64 char str string bytes byte_buf unit unit_struct tuple tuple_struct map struct identifier
        ignored_any
    }
}

/// A text that names a unit variant.
struct Word(String);

impl<'de> EnumAccess<'de> for Word {
    type Error = QueryError;
    type Variant = Plain;

    fn variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<(S::Value, Plain), QueryError> {
        seed.deserialize(self.0.into_deserializer()).map(|name| (name, Plain))
    }
}

struct Plain;

impl<'de> VariantAccess<'de> for Plain {
    type Error = QueryError;

    fn unit_variant(self) -> Result<(), QueryError> {
        Ok(())
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, _: T) -> Result<T::Value, QueryError> {
        Err(QueryError::custom("must be one plain value"))
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, _: V) -> Result<V::Value, QueryError> {
        Err(QueryError::custom("must be one plain value"))
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        _: &'static [&'static str],
        _: V,
    ) -> Result<V::Value, QueryError> {
        Err(QueryError::custom("must be one plain value"))
    }
}
