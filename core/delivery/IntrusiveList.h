#pragma once

namespace sluice {

/// The links of an object that may stand in one list of `Tag`: a base class of the object, which
/// leaves the list by itself when it is destroyed. One thread at a time.
template <class Tag>
class ListNode {
  public:
    ListNode() = default;
    ListNode(const ListNode&) = delete;
    ListNode& operator=(const ListNode&) = delete;
    ~ListNode() { unlink(); }

    bool isLinked() const { return next_ != this; }
    void unlink() {
        next_->previous_ = previous_;
        previous_->next_ = next_;
        next_ = previous_ = this;
    }

  private:
    template <class T, class OtherTag>
    friend class IntrusiveList;
    ListNode* previous_ = this;
    ListNode* next_ = this;
};

/// A first-in, first-out list of objects that it does not own and that take no memory for it.
/// The list must outlive what stands in it, or be empty.
template <class T, class Tag>
class IntrusiveList {
  public:
    using Node = ListNode<Tag>;

    bool empty() const { return !head_.isLinked(); }
    /// REQUIRES: not empty.
    T& front() { return static_cast<T&>(*head_.next_); }
    /// Moves the object here from wherever it stands.
    void pushBack(T& object) {
        Node& node = object;
        node.unlink();
        node.previous_ = head_.previous_;
        node.next_ = &head_;
        head_.previous_->next_ = &node;
        head_.previous_ = &node;
    }
    /// REQUIRES: not empty.
    T& popFront() {
        T& object = front();
        static_cast<Node&>(object).unlink();
        return object;
    }
    /// Calls `visit` for every object; `visit` may take out or destroy the one it was given.
    template <class Visit>
    void forEach(Visit visit) {
        for (Node* node = head_.next_; node != &head_;) {
            Node* const next = node->next_;
            visit(static_cast<T&>(*node));
            node = next;
        }
    }

  private:
    Node head_;
};

}  // namespace sluice
