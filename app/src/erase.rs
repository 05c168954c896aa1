//! Fewer types for the same page, because each type of a view or of a closure is compiled for itself.
//!
//! In the browser, Leptos makes some ten functions for every type that becomes an [`AnyView`] and for every closure
//! that a view reads. Boxed closures of a handful of types, and views without the asynchronous hydration that only
//! lazily loaded routes need, take a third from the page's WASM.

use leptos::prelude::*;

/// A part of a page that is drawn anew when what it reads changes.
pub(crate) fn part(draw: impl FnMut() -> AnyView + Send + 'static) -> Box<dyn FnMut() -> AnyView + Send> {
    Box::new(draw)
}

/// A part of a page that is there or not.
pub(crate) fn part_if(
    draw: impl FnMut() -> Option<AnyView> + Send + 'static,
) -> Box<dyn FnMut() -> Option<AnyView> + Send> {
    Box::new(draw)
}

/// Text, or the value of an attribute, that follows what it reads.
pub(crate) fn text<T: Into<String>>(
    mut read: impl FnMut() -> T + Send + 'static,
) -> Box<dyn FnMut() -> String + Send> {
    Box::new(move || read().into())
}

/// The value of an attribute that is there or not.
pub(crate) fn text_if(
    read: impl FnMut() -> Option<String> + Send + 'static,
) -> Box<dyn FnMut() -> Option<String> + Send> {
    Box::new(read)
}

/// Whether an attribute or a class is there.
pub(crate) fn flag(read: impl FnMut() -> bool + Send + 'static) -> Box<dyn FnMut() -> bool + Send> {
    Box::new(read)
}

/// A number for a property of an element.
pub(crate) fn number(read: impl FnMut() -> f64 + Send + 'static) -> Box<dyn FnMut() -> f64 + Send> {
    Box::new(read)
}

/// Something that happens whenever what it reads changes.
pub(crate) fn effect(run: impl Fn() + 'static) {
    let run: Box<dyn Fn()> = Box::new(run);
    Effect::new(run);
}

/// Turns a view into one of the type that all views can have.
pub(crate) trait Erase {
    fn erase(self) -> AnyView;
}

#[cfg(feature = "ssr")]
impl<V: IntoAny> Erase for V {
    fn erase(self) -> AnyView {
        self.into_any()
    }
}

#[cfg(not(feature = "ssr"))]
mod plain {
    use leptos::attr::Attribute;
    use leptos::attr::any_attribute::AnyAttribute;
    use leptos::prelude::*;
    use leptos::tachys::hydration::Cursor;
    use leptos::tachys::view::{Position, PositionState};

    use super::Erase;

    /// A view whose hydration is never asynchronous.
    #[derive(Debug)]
    struct Plain<V>(V);

    impl<V: RenderHtml> Erase for V {
        fn erase(self) -> AnyView {
            Plain(self).into_any()
        }
    }

    impl<V: Render> Render for Plain<V> {
        type State = V::State;

        fn build(self) -> Self::State {
            self.0.build()
        }

        fn rebuild(self, state: &mut Self::State) {
            self.0.rebuild(state);
        }
    }

    impl<V: RenderHtml> AddAnyAttr for Plain<V> {
        type Output<A: Attribute> = Plain<V::Output<A>>;

        fn add_any_attr<A: Attribute>(self, attribute: A) -> Self::Output<A>
        where
            Self::Output<A>: RenderHtml,
        {
            Plain(self.0.add_any_attr(attribute))
        }
    }

    impl<V: RenderHtml> RenderHtml for Plain<V> {
        type AsyncOutput = Self;
        type Owned = Plain<V::Owned>;

        const MIN_LENGTH: usize = 0;
        const EXISTS: bool = V::EXISTS;

        fn dry_resolve(&mut self) {}

        async fn resolve(self) -> Self {
            self
        }

        // The server writes HTML, and it has views of their own types.
        fn to_html_with_buf(self, _: &mut String, _: &mut Position, _: bool, _: bool, _: Vec<AnyAttribute>) {}

        fn hydrate<const FROM_SERVER: bool>(self, cursor: &Cursor, position: &PositionState) -> Self::State {
            self.0.hydrate::<FROM_SERVER>(cursor, position)
        }

        fn into_owned(self) -> Self::Owned {
            Plain(self.0.into_owned())
        }
    }
}
